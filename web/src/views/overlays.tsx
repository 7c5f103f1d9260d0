import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Extension } from '../api/types.ts'
import { keyMap } from '../keys.ts'
import { Modal } from '../parts/modal.tsx'
import { callOf } from '../state/floor.ts'
import { agentParty, farParty, labelOf } from '../state/people.ts'
import { type Destination, hangUp, type TransferKind, transfer } from '../store/call-acts.ts'
import { takeOver } from '../store/listening.ts'
import { floor, groups } from '../store/live.ts'
import { shortcuts } from '../store/prefs.ts'
import { client } from '../store/session.ts'
import { overlay } from '../store/view.ts'
import { t } from '../strings/index.ts'

const close = (): void => {
  overlay.value = undefined
}

export function Overlays() {
  const shown = overlay.value
  if (shown === undefined) return null
  switch (shown.kind) {
    case 'help':
      return <Help />
    case 'hang-up':
      return <HangUp call={shown.call} />
    case 'take-over':
      return <TakeOver call={shown.call} />
    case 'transfer':
      return <Transfer call={shown.call} />
  }
}

function Help() {
  return (
    <Modal title={t('help.title')} onClose={close} class="help">
      <dl class="key-map">
        {keyMap.map(({ keys, text }) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={shortcuts.value === 'on'}
          onChange={(event) => (shortcuts.value = event.currentTarget.checked ? 'on' : 'off')}
        />
        {t('help.shortcuts')}
      </label>
    </Modal>
  )
}

const namesOf = (id: string) => {
  const call = callOf(floor.value, id)
  const [agent, customer] = call === undefined ? [] : [agentParty(call), farParty(call)]
  return {
    agent: agent === undefined ? t('role.agent') : labelOf(agent),
    customer: customer === undefined ? t('role.customer') : labelOf(customer),
  }
}

interface ConfirmProperties {
  readonly title: string
  readonly text: string
  readonly act: string
  readonly isDangerous?: boolean
  readonly onYes: () => unknown
}

function Confirm({ title, text, act, isDangerous = false, onYes }: ConfirmProperties) {
  const yes = (): void => {
    close()
    onYes()
  }
  return (
    <Modal title={title} onClose={close} class="confirm">
      <p>{text}</p>
      <footer>
        <button type="button" onClick={close}>
          {t('act.cancel')}
        </button>
        <button type="button" class={isDangerous ? 'danger solid' : 'primary'} onClick={yes} autofocus>
          {act}
        </button>
      </footer>
    </Modal>
  )
}

function HangUp({ call }: { readonly call: string }) {
  return (
    <Confirm
      title={t('hangUp.title')}
      text={t('hangUp.text', namesOf(call))}
      act={t('act.hangUp')}
      isDangerous
      onYes={() => hangUp(call)}
    />
  )
}

function TakeOver({ call }: { readonly call: string }) {
  return (
    <Confirm title={t('takeOver.title')} text={t('takeOver.text', namesOf(call))} act={t('act.takeOver')} onYes={() => takeOver(call)} />
  )
}

const kinds: readonly TransferKind[] = ['blind', 'hand-over', 'attended']

function Transfer({ call }: { readonly call: string }) {
  const kind = useSignal<TransferKind>('blind')
  const places = usePlaces()
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const to = String(new FormData(event.currentTarget as HTMLFormElement).get('to') ?? '').trim()
    close()
    await transfer(call, destinationOf(to, places), kind.value)
  }
  return (
    <Modal title={t('transfer.title')} onClose={close} class="transfer">
      <form onSubmit={submit}>
        <label>
          {t('transfer.to')}
          <input name="to" list="places" required autofocus autocomplete="off" placeholder={t('transfer.hint')} />
        </label>
        <datalist id="places">
          {places.map(({ value, label }) => (
            <option key={value} value={value} label={label} />
          ))}
        </datalist>
        <fieldset>
          <legend>{t('transfer.how')}</legend>
          {kinds.map((each) => (
            <label key={each} class="check">
              <input type="radio" name="kind" checked={kind.value === each} onChange={() => (kind.value = each)} />
              <span>
                {t(`transfer.${each}`)} <small>{t(`transfer.${each}.text`)}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <footer>
          <button type="button" onClick={close}>
            {t('act.cancel')}
          </button>
          <button type="submit" class="primary">
            {t('transfer.submit')}
          </button>
        </footer>
      </form>
    </Modal>
  )
}

interface TransferPlace {
  readonly value: string
  readonly label: string
  readonly to: Destination
}

/** Groups and extensions by name or number. */
function usePlaces(): readonly TransferPlace[] {
  const extensions = useSignal<readonly Extension[]>([])
  useEffect(() => {
    void client.all<Extension>('/extensions').then((answer) => {
      if (answer.ok) extensions.value = answer.value
    })
  }, [])
  return [
    ...[...groups.value.values()].map(({ id, name }) => ({ value: name, label: t('transfer.group'), to: { group: id } })),
    ...extensions.value.map(({ number, name, registered }) => ({
      value: number,
      label: registered ? name : t('transfer.away', { name }),
      to: { extension: number },
    })),
  ]
}

const destinationOf = (text: string, places: readonly TransferPlace[]): Destination =>
  places.find(({ value, label }) => value === text || label === text)?.to ?? { number: text.replace(/[\s().-]/g, '') }
