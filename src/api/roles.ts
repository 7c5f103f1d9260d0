import { type Call, isEnded } from '../call/call.ts'
import { extensionOf } from '../call/endpoint.ts'
import { isLive } from '../call/party.ts'
import type { Caller, CallerRole } from '../control/command.ts'
import { type Permissions, permissionsOf, permits, type Verb } from '../directory/permissions.ts'

/** What a route needs its caller to be allowed. `self`: nothing, it concerns himself only. `keep`: to decide how long a recording is kept. */
export type Need =
  | ('self' | 'read' | 'control' | 'record' | 'originate' | 'supervise' | 'agent-state')
  | ('listen' | 'keep' | 'audit' | 'export' | 'administer')

/** One of them is enough; which one an order about a call takes, and whether for this call, the desk knows. */
const verbsOfNeeds: Readonly<Record<Exclude<Need, 'self'>, readonly Verb[]>> = {
  read: ['see'],
  control: ['control'],
  record: ['record'],
  originate: ['originate'],
  supervise: ['monitor', 'whisper', 'barge', 'take-over'],
  'agent-state': ['set-agent-state'],
  listen: ['listen-recordings'],
  keep: ['administer'],
  audit: ['audit'],
  export: ['audit'],
  administer: ['administer'],
}

export const verbsFor = (need: Need): readonly Verb[] => (need === 'self' ? [] : verbsOfNeeds[need])

/** These tell of the whole account or change it, and so are for those alone whom no group limits. */
export const isWide = (need: Need): boolean => need === 'export' || need === 'administer'

export const mayDo = (permissions: Permissions, need: Need): boolean =>
  need === 'self' || ((permissions.groups === 'all' || !isWide(need)) && verbsFor(need).some((verb) => permits(permissions, verb)))

export const rolesFor = (need: Need): readonly CallerRole[] => callerRoles.filter((role) => mayDo(permissionsOf(role), need))

const callerRoles: readonly CallerRole[] = ['admin', 'supervisor', 'agent', 'observer']

/** An agent touches only what is his: the calls in which a phone of his takes part, and his own state. */
export const onlyOwn = (caller: Caller): boolean => caller.role === 'agent'

/** In a call that is over, everybody who was in it still counts: he is told that it is over. */
export function takesPart(call: Call, extensions: readonly string[]): boolean {
  const counted = isEnded(call) ? call.parties : call.parties.filter(isLive)
  return counted.some(({ endpoint }) => extensions.includes(extensionOf(endpoint) ?? ''))
}
