/** What people may do, and with whose calls. Whatever is not named here is not permitted. */

/** As `KeyRole` of settings.ts, which knows this file. */
type Role = 'admin' | 'supervisor' | 'agent' | 'observer'

/** `control`: hold, transfer, park, dispose of, hang up. `see`: calls, agents, events and records. */
export const verbs = [
  'see',
  'control',
  'set-agent-state',
  'originate',
  'monitor',
  'whisper',
  'barge',
  'take-over',
  'record',
  'listen-recordings',
  'audit',
  'administer',
] as const
export type Verb = (typeof verbs)[number]

/** Of the account, by id. */
export type Teams = 'all' | readonly string[]

/** As the configuration has them: they take away from a role and never add to it. */
export interface PermissionSettings {
  readonly groups?: Teams
  readonly verbs?: readonly Verb[]
}

export interface Permissions {
  readonly verbs: readonly Verb[]
  readonly groups: Teams
}

const ofObserver = ['see', 'audit'] as const
/** Of these, what concerns a call or an agent concerns his own only. */
const ofAgent = [...ofObserver, 'control', 'set-agent-state', 'record'] as const
const ofSupervisor = [...ofAgent, 'originate', 'monitor', 'whisper', 'barge', 'take-over', 'listen-recordings'] as const

const ofRole: Readonly<Record<Role, readonly Verb[]>> = {
  observer: ofObserver,
  agent: ofAgent,
  supervisor: ofSupervisor,
  admin: verbs,
}

export const verbsOf = (role: Role): readonly Verb[] => ofRole[role]

/** What the role gives and the user's own permissions leave of it. */
export function permissionsOf(role: Role, own: PermissionSettings = {}): Permissions {
  return { verbs: verbs.filter((verb) => ofRole[role].includes(verb) && (own.verbs?.includes(verb) ?? true)), groups: own.groups ?? 'all' }
}

/** Whether he may do this at all, and, where it is said, with something that belongs to these groups. */
export function permits(permissions: Permissions, verb: Verb, target?: { readonly groups: readonly string[] }): boolean {
  return permissions.verbs.includes(verb) && (target === undefined || reaches(permissions.groups, target.groups))
}

/** What belongs to no group is within the reach of those alone whom no group limits. */
export const reaches = (teams: Teams, groups: readonly string[]): boolean =>
  teams === 'all' || groups.some((group) => teams.includes(group))
