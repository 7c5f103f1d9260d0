/** Extensions in the vendor's words (contract openvox-yeastar, section 5). */
import { addressOf } from '../../call/endpoint.ts'
import { isConnected, isCore, isLive, isPending } from '../../call/party.ts'
import type { ExtensionView } from '../../control/command.ts'
import type { Extension } from '../../directory/people.ts'
import type { MonitorMode } from '../../directory/settings.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import type { House } from '../dialect.ts'
import type { Content } from './answer.ts'
import { callItem } from './answer-call.ts'
import { type Part, partsOf } from './request-call.ts'
import type { Flavour } from './request-flavour.ts'

export const typeOfPhone = (flavour: Flavour): string => (flavour === 'openvox' ? 'pjsip' : 'SIP')

export function statusOf(house: House, account: AccountId, view: ExtensionView): string {
  const parts = partsOf(house, account, view)
  if (parts.length === 0) return view.registered ? 'Registered' : 'Unavailable'
  if (parts.every(({ party }) => isPending(party))) return 'Ringing'
  return parts.every(holds) ? 'Hold' : 'Busy'
}

/** Its phone holds, or whoever it talked to hears music. */
function holds({ call, party }: Part): boolean {
  if (!isCore(party)) return false
  const others = call.parties.filter((p) => isCore(p) && isConnected(p) && p.id !== party.id)
  return party.phoneHeld || (others.length > 0 && others.every((p) => p.held))
}

export function listItem(house: House, account: AccountId, view: ExtensionView, flavour: Flavour): Content {
  const status = statusOf(house, account, view)
  return { extnumber: view.number, status, type: typeOfPhone(flavour), username: view.name, agentid: view.agent ?? '' }
}

const modes: Readonly<Record<MonitorMode, string>> = {
  extensive: 'Extensive',
  listen: 'Listen',
  whisper: 'Whisper',
  'barge-in': 'Barge-in',
  disabled: 'Disabled',
}

export const monitorModeOf = (mode: MonitorMode, flavour: Flavour): string =>
  mode === 'disabled' && flavour === 'openvox' ? 'disable' : modes[mode]

/** In any letter case, and with the spellings of "off" that the vendors' pages have. */
export function monitorModeNamed(name: string): MonitorMode | undefined {
  const wanted = name.toLowerCase()
  if (wanted === 'disable') return 'disabled'
  return (Object.keys(modes) as readonly MonitorMode[]).find((mode) => mode === wanted)
}

export const onOff = (value: boolean): string => (value ? 'on' : 'off')

/** In seconds. */
export const ringTimeoutOf = ({ ringTimeoutMs = limits.partyRingMs }: Extension): string => String(Math.round(ringTimeoutMs / 1_000))

/** Settings after the number. Sotto has no voicemail and no forwarding of its own, and tells no secret. */
export function settingsOf(extension: Extension, agent: string, flavour: Flavour): Content {
  const { number, monitorMode, mayBeMonitored } = extension
  return {
    ...{ port: '', callerid: number, registername: number, registerpassword: '' },
    ...{ maxregistrations: String(limits.sipContactsPerExtension), loginpassword: '', email: '', moblie: '', language: 'System Default' },
    ...{ hasvoicemail: 'off', vmsecret: '', enablevmtoemail: 'off', alwaysforward: 'off', noanswerforward: 'off', busyforward: 'off' },
    ...{ enablemobile: 'off', ringsimultaneous: 'off', mobileprefix: '', allowbeingmonitored: onOff(mayBeMonitored) },
    ...{ monitormode: monitorModeOf(monitorMode, flavour), ringtimeout: ringTimeoutOf(extension) },
    ...{ maxduration: 'Follow System', dnd: 'off', callrestriction: 'off', agentid: agent },
  }
}

export function extensionItem(house: House, extension: Extension, flavour: Flavour): Content {
  const { account, number, name } = extension
  const view = house.desk.extension(account, number) ?? { number, name, registered: false, contacts: 0, calls: [] }
  const status = statusOf(house, account, view)
  return {
    ...{ extnumber: number, username: name, status, type: typeOfPhone(flavour), ...settingsOf(extension, view.agent ?? '', flavour) },
    ...partsOf(house, account, view).map(peerOf)[0],
  }
}

/** With whom it talks: a call that came in or goes out, or another extension. */
function peerOf({ call, party }: Part): Content {
  if (!isCore(party)) return {}
  if (call.direction === 'inbound') return { inbound: callItem(call, 'inbound') }
  if (call.direction === 'outbound') return { outbound: callItem(call, 'outbound') }
  const peer = call.parties.find((p) => isCore(p) && isLive(p) && p.id !== party.id)
  return peer === undefined ? {} : { ext: { extid: addressOf(peer.endpoint) } }
}
