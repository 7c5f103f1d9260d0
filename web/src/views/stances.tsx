/** The big buttons: listen, whisper, whisper to the customer, barge, take over, leave. */
import type { Call } from '../api/types.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { agentParty, farParty, labelOf, type Stance } from '../state/people.ts'
import { leave, listen, pending, press, release, toggle } from '../store/listening.ts'
import { isStale } from '../store/live.ts'
import { verbs } from '../store/session.ts'
import { stripOn } from '../store/strips.ts'
import { overlay } from '../store/view.ts'
import { type Key, t } from '../strings/index.ts'

interface Button {
  readonly stance: Stance
  readonly icon: IconName
  readonly key: string
  readonly verb: string
}

const buttons: readonly Button[] = [
  { stance: 'monitor', icon: 'listen', key: 'L', verb: 'monitor' },
  { stance: 'whisper-agent', icon: 'whisper', key: 'W', verb: 'whisper' },
  { stance: 'whisper-customer', icon: 'whisper-customer', key: 'C', verb: 'whisper' },
  { stance: 'barge', icon: 'barge', key: 'B', verb: 'barge' },
]

export function Stances({ call }: { readonly call: Call }) {
  const strip = stripOn(call.id)
  const shown = buttons.filter(({ verb }) => verbs.value.has(verb))
  if (shown.length === 0) return null
  const isHandling = strip?.mode === 'handling'
  const nobodyYet = call.state === 'queued' || call.state === 'ringing'
  return (
    <section class="stances" aria-label={t('stances.title')}>
      {isHandling ? (
        <p class="handling">{t('stances.handling')}</p>
      ) : (
        <div class="stance-grid" role="group" aria-label={t('stances.title')}>
          {shown.map((button) => (
            <StanceButton key={button.stance} call={call} button={button} isOn={strip?.mode === button.stance} isOff={nobodyYet} />
          ))}
        </div>
      )}
      <div class="stance-ends">
        {!isHandling && verbs.value.has('take-over') && (
          <button
            type="button"
            disabled={nobodyYet || isStale.value}
            onClick={() => (overlay.value = { kind: 'take-over', call: call.id })}
          >
            <Icon name="take-over" /> {t('act.takeOver')} <Kbd of="T" />
          </button>
        )}
        {strip === undefined && <AlsoListen call={call} isOff={nobodyYet} />}
        {strip !== undefined && (
          <button type="button" onClick={() => void leave(strip)}>
            <Icon name="leave" /> {t(isHandling ? 'act.leaveCall' : 'act.leave')} <Kbd of="Esc" />
          </button>
        )}
      </div>
    </section>
  )
}

function AlsoListen({ call, isOff }: { readonly call: Call; readonly isOff: boolean }) {
  return (
    <button type="button" disabled={isOff || isStale.value} onClick={() => void listen(call.id, true)}>
      <Icon name="plus" /> {t('act.alsoListen')} <Kbd of="⇧L" />
    </button>
  )
}

/** A press and hold is a whisper for as long as it is held; a short press stays on. */
const holdMs = 350

function StanceButton({
  call,
  button,
  isOn,
  isOff,
}: {
  readonly call: Call
  readonly button: Button
  readonly isOn: boolean
  readonly isOff: boolean
}) {
  const { stance, icon, key } = button
  const touch = holdable(call, stance)
  return (
    <button
      type="button"
      class={`stance-button stance-${stance}`}
      aria-pressed={isOn}
      aria-busy={pending.value.has(call.id)}
      disabled={isOff || isStale.value}
      {...touch}
    >
      <Icon name={icon} size={20} />
      <b>{t(`mode.${stance}`)}</b>
      <small>{t(`stances.${stance}` as Key, namesIn(call))}</small>
      <Kbd of={key} />
    </button>
  )
}

const namesIn = (call: Call) => {
  const [agent, customer] = [agentParty(call), farParty(call)]
  return {
    agent: agent === undefined ? '' : ((agent.name ?? labelOf(agent)).split(' ')[0] ?? ''),
    customer: customer === undefined ? '' : labelOf(customer),
  }
}

let down: { readonly timer: number; readonly call: string } | undefined

/** Whispers can be held; everything else is a click. */
function holdable(call: Call, stance: Stance) {
  const choose = (): void => {
    if (stance === 'monitor') void listen(call.id)
    else void toggle(call.id, stance)
  }
  if (stance === 'monitor' || stance === 'barge') return { onClick: choose }
  return {
    onPointerDown: () => begin(call, stance),
    onPointerUp: end,
    onPointerLeave: end,
    onPointerCancel: end,
    onClick: (event: MouseEvent) => {
      if (!held) choose()
      else event.preventDefault()
      held = false
    },
  }
}

let held = false

function begin(call: Call, stance: Stance): void {
  held = false
  if (stripOn(call.id)?.mode !== 'monitor') return
  const timer = setTimeout(() => {
    held = true
    void press(stance, call.id)
  }, holdMs)
  down = { timer, call: call.id }
}

function end(): void {
  if (down === undefined) return
  clearTimeout(down.timer)
  down = undefined
  if (held) void release()
}
