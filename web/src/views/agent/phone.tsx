import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Call } from '../../api/types.ts'
import { Icon } from '../../parts/icon.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { callShapes, Mark } from '../../parts/mark.tsx'
import { Since } from '../../parts/since.tsx'
import { phoneNumber } from '../../state/format.ts'
import { labelOf, supervisorName } from '../../state/people.ts'
import { groups } from '../../store/live.ts'
import { a } from '../../strings/agent.ts'
import { t } from '../../strings/index.ts'
import { otherOf } from './acts.ts'
import { CallButtons, Keypad } from './call-buttons.tsx'
import { ownCall } from './own.ts'
import { answer, decline, dial, extension, phoneState, refusal, type Talk, talk } from './softphone.ts'
import { inBrowser, quietRing } from './wish.ts'

export function Phone() {
  const [call, own] = [ownCall.value, talk.value]
  const isPadOpen = useSignal(false)
  return (
    <section class={`card-box phone phone-${own?.state ?? 'idle'}`} aria-labelledby="phone-title">
      <header class="phone-head">
        <h2 id="phone-title">{a('phone.title')}</h2>
        <Standing />
      </header>
      {own?.state === 'ringing' && <Ringing call={call} own={own} />}
      {own !== undefined && own.state !== 'ringing' && (
        <>
          <Present call={call} own={own} />
          <CallButtons call={call} own={own} isPadOpen={isPadOpen} />
          {isPadOpen.value && own.state === 'talking' && <Keypad digits={own.digits} />}
        </>
      )}
      {own === undefined && call !== undefined && <Elsewhere call={call} />}
      {own === undefined && call === undefined && <Idle />}
      <Switches />
    </section>
  )
}

function Standing() {
  const state = phoneState.value
  return (
    <p class={`standing standing-${state}`} role="status">
      <i aria-hidden="true" />
      {a(`phone.${state}`, { extension: extension.value ?? '', why: refusal.value })}
    </p>
  )
}

const nameIn = (call: Call | undefined, own: Talk): string => {
  const other = call === undefined ? undefined : otherOf(call)
  return other === undefined ? phoneNumber(own.name) : labelOf(other)
}

function Ringing({ call, own }: { readonly call: Call | undefined; readonly own: Talk }) {
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => button.current?.focus(), [])
  return (
    <div class="ringing" role="alertdialog" aria-label={a('ring.title')}>
      <p class="ringing-name">{nameIn(call, own)}</p>
      <Facts call={call} />
      <div class="ringing-buttons">
        <button ref={button} type="button" class="answer" onClick={answer}>
          <Icon name="phone" /> {a('ring.answer')} <Kbd of="A" />
        </button>
        <button type="button" class="danger" onClick={decline}>
          <Icon name="hang-up" /> {a('ring.decline')} <Kbd of="D" />
        </button>
      </div>
    </div>
  )
}

function Present({ call, own }: { readonly call: Call | undefined; readonly own: Talk }) {
  return (
    <div class="present">
      <p class="present-name">{nameIn(call, own)}</p>
      {own.state === 'calling' && <p>{a('call.calling')}</p>}
      <Facts call={call} />
      {call !== undefined && <Supervisors call={call} />}
      {own.isMuted && (
        <p class="told">
          <Icon name="mute" /> {a('call.muted')}
        </p>
      )}
    </div>
  )
}

function Facts({ call }: { readonly call: Call | undefined }) {
  if (call === undefined) return null
  const group = call.group === undefined ? undefined : (groups.value.get(call.group)?.name ?? call.group)
  const other = otherOf(call)
  return (
    <p class="facts">
      <span class={`state tone-${call.state}`}>
        <Mark shape={callShapes[call.state]} tone={call.state} /> {t(`call.${call.state}`)}
      </span>
      <Since at={call.answeredAt ?? call.startedAt} />
      {other?.name !== undefined && other.number !== undefined && <span class="num">{phoneNumber(other.number)}</span>}
      {group !== undefined && <span>{group}</span>}
      {call.recording.state !== 'off' && <span>{t(`recording.${call.recording.state}`)}</span>}
    </p>
  )
}

/** Only where the account tells its agents; the server leaves it out where it does not. */
function Supervisors({ call }: { readonly call: Call }) {
  const active = call.supervisions.filter(({ state }) => state === 'active')
  return (
    <>
      {active.map((each) => (
        <p key={each.id} class="told told-supervised" role="status">
          <Icon name="listen" /> {a('call.supervised', { name: supervisorName(call, each), mode: a(`mode.${each.mode}`) })}
        </p>
      ))}
    </>
  )
}

function Elsewhere({ call }: { readonly call: Call }) {
  const other = otherOf(call)
  return (
    <div class="present">
      <p class="present-name">{other === undefined ? call.id : labelOf(other)}</p>
      <Facts call={call} />
      <Supervisors call={call} />
      <p>{a('phone.otherPhone')}</p>
    </div>
  )
}

function Idle() {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const number = String(new FormData(event.currentTarget as HTMLFormElement).get('number') ?? '').trim()
    if (number !== '') dial(number)
  }
  return (
    <form class="dial" onSubmit={submit}>
      <p class="present-name is-idle">{a('call.none')}</p>
      <div class="dial-row">
        <input name="number" inputMode="tel" autocomplete="off" aria-label={a('phone.dial')} placeholder={a('phone.dial')} />
        <button type="submit" disabled={phoneState.value !== 'registered'}>
          <Icon name="phone" /> {a('phone.call')}
        </button>
      </div>
    </form>
  )
}

function Switches() {
  return (
    <footer class="phone-switches">
      <label class="check">
        <input
          type="checkbox"
          checked={inBrowser.value === 'on'}
          disabled={talk.value !== undefined}
          onChange={(event) => (inBrowser.value = event.currentTarget.checked ? 'on' : 'off')}
        />
        {a('phone.use')}
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={quietRing.value === 'on'}
          onChange={(event) => (quietRing.value = event.currentTarget.checked ? 'on' : 'off')}
        />
        {a('ring.silence')}
      </label>
    </footer>
  )
}
