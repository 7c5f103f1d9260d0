import { type Call, isEnded } from '../call/call.ts'
import { isLive } from '../call/party.ts'
import type { Caller, CallerRole } from '../control/command.ts'

/** What a route needs its caller to be allowed. */
export type Need = 'read' | 'control' | 'originate' | 'supervise' | 'agent-state' | 'listen' | 'administer'

const grants: Readonly<Record<CallerRole, readonly Need[]>> = {
  observer: ['read'],
  agent: ['read', 'control', 'agent-state'],
  supervisor: ['read', 'control', 'agent-state', 'originate', 'supervise', 'listen'],
  admin: ['read', 'control', 'agent-state', 'originate', 'supervise', 'listen', 'administer'],
}

export const mayDo = (role: CallerRole, need: Need): boolean => grants[role].includes(need)

export const rolesFor = (need: Need): readonly CallerRole[] => callerRoles.filter((role) => mayDo(role, need))

const callerRoles: readonly CallerRole[] = ['admin', 'supervisor', 'agent', 'observer']

/** An agent touches only what is his: the calls in which a phone of his takes part, and his own state. */
export const onlyOwn = (caller: Caller): boolean => caller.role === 'agent'

/** In a call that is over, everybody who was in it still counts: he is told that it is over. */
export function takesPart(call: Call, extensions: readonly string[]): boolean {
  const counted = isEnded(call) ? call.parties : call.parties.filter(isLive)
  return counted.some(({ endpoint }) => endpoint.kind === 'extension' && extensions.includes(endpoint.extension))
}
