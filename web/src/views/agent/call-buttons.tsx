import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { Call } from '../../api/types.ts'
import { Icon } from '../../parts/icon.tsx'
import { Kbd } from '../../parts/kbd.tsx'
import { isStale } from '../../store/live.ts'
import { overlay } from '../../store/view.ts'
import { a } from '../../strings/agent.ts'
import { hangUp, isOnHold, toggleHold } from './acts.ts'
import { sendDigit, type Talk, toggleMute } from './softphone.ts'

interface Properties {
  readonly call: Call | undefined
  readonly own: Talk
  readonly isPadOpen: Signal<boolean>
}

export function CallButtons({ call, own, isPadOpen }: Properties) {
  const isHeld = call !== undefined && isOnHold(call)
  const isTalking = own.state === 'talking'
  const mayAct = isTalking && call !== undefined && !isStale.value
  return (
    <div class="call-buttons">
      <Toggle isOn={isHeld} isOff={!mayAct} onClick={() => void toggleHold()}>
        <Icon name={isHeld ? 'play' : 'pause'} /> {a(isHeld ? 'call.unhold' : 'call.hold')} <Kbd of="H" />
      </Toggle>
      <Toggle isOn={own.isMuted} isOff={!isTalking} onClick={toggleMute}>
        <Icon name="mute" /> {a(own.isMuted ? 'call.unmute' : 'call.mute')} <Kbd of="M" />
      </Toggle>
      <button
        type="button"
        disabled={!mayAct}
        onClick={() => {
          if (call !== undefined) overlay.value = { kind: 'transfer', call: call.id }
        }}
      >
        <Icon name="transfer" /> {a('call.transfer')} <Kbd of="X" />
      </button>
      <button type="button" aria-expanded={isPadOpen.value} disabled={!isTalking} onClick={() => (isPadOpen.value = !isPadOpen.value)}>
        {a('call.keypad')}
      </button>
      <button type="button" class="danger solid" onClick={() => void hangUp()}>
        <Icon name="hang-up" /> {a('call.hangUp')} <Kbd of="E" />
      </button>
    </div>
  )
}

interface ToggleProperties {
  readonly isOn: boolean
  readonly isOff: boolean
  readonly onClick: () => void
  readonly children: ComponentChildren
}

/** Its words say what it does next, so it is no pressed button. */
function Toggle({ isOn, isOff, onClick, children }: ToggleProperties) {
  return (
    <button type="button" class={isOn ? 'is-on' : ''} disabled={isOff} onClick={onClick}>
      {children}
    </button>
  )
}

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

export function Keypad({ digits }: { readonly digits: string }) {
  return (
    <div class="keypad" role="group" aria-label={a('call.keypad')}>
      <p class="keypad-sent num" role="status">
        {digits === '' ? '\u00a0' : a('call.sent', { digits })}
      </p>
      {keys.map((key) => (
        <button key={key} type="button" aria-label={a('call.digit', { digit: key })} onClick={() => sendDigit(key)}>
          {key}
        </button>
      ))}
    </div>
  )
}
