/** Ids in the shapes that the vendors' clients expect. All are made from a call's own id or serial and lead back to it: nothing is stored for them. */
import type { Call } from '../call/call.ts'
import type { FrontDesk } from '../control/command.ts'
import { type AccountId, callId } from '../kernel/ids.ts'

/** The part of a call's id after `c_`: 20 lower-case hex digits (contract voipnow, section 3). */
export const hexId = (call: Pick<Call, 'id'>): string => call.id.replace(/^c_/, '')

export function callByHexId(desk: FrontDesk, account: AccountId, id: string): Call | undefined {
  return /^[\da-f]{20}$/.test(id) ? desk.call(account, callId(`c_${id}`)) : undefined
}

const second = 1_000_000

/** Seconds and a number within the second, such as `1758782566.8131` (contracts openvox-yeastar, smartflo). */
export const dottedId = ({ serial }: Pick<Call, 'serial'>): string => `${Math.floor(serial / second)}.${serial % second}`

export function callByDottedId(desk: FrontDesk, account: AccountId, id: string): Call | undefined {
  const [, seconds, rest] = /^(\d{10})\.(\d{1,6})$/.exec(id) ?? []
  if (seconds === undefined || rest === undefined) return undefined
  const call = desk.callBySerial(account, Number(seconds) * second + Number(rest))
  return call !== undefined && dottedId(call) === id ? call : undefined
}

/** 16 digits; RingCX's `uii` has the local time in front of them. */
export const serialDigits = ({ serial }: Pick<Call, 'serial'>): string => String(serial).padStart(16, '0')

/** A UUID of version 8 (RFC 9562 §5.8): 20 hex digits of the call's id, the rest from its serial. */
export function guidOf(call: Pick<Call, 'id' | 'serial'>): string {
  const id = hexId(call)
  const rest = call.serial.toString(16).padStart(10, '0').slice(-10)
  return `${id.slice(0, 8)}-${id.slice(8, 12)}-8${id.slice(12, 15)}-b${id.slice(15, 18)}-${id.slice(18)}${rest}`
}

export function callByGuid(desk: FrontDesk, account: AccountId, guid: string): Call | undefined {
  const [, a, b, c, d, e] = /^([\da-f]{8})-([\da-f]{4})-8([\da-f]{3})-b([\da-f]{3})-([\da-f]{2})[\da-f]{10}$/.exec(guid.toLowerCase()) ?? []
  const call = a === undefined ? undefined : callByHexId(desk, account, `${a}${b}${c}${d}${e}`)
  return call !== undefined && guidOf(call) === guid.toLowerCase() ? call : undefined
}
