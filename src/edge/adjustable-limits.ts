import { limits } from '../kernel/limits.ts'

/** Limits that an operator may set, because only the control process keeps them and their right size depends on the site. */
export const adjustableLimits = [
  'supervisionsPerCall',
  'callsPerNode',
  'endedCallsKept',
  'supervisorRingMs',
  'partyRingMs',
  'queueMs',
  'drainMs',
  'eventsKept',
  'eventSubscribers',
  'tokens',
  'sipConnections',
  'sipConnectionsPerSource',
  'sipRequestsPerSourcePerSecond',
  'sipContactsPerExtension',
] as const satisfies readonly (keyof typeof limits)[]

export type AdjustableLimit = (typeof adjustableLimits)[number]

/** Once, when the process starts and before anything has worked by a limit: bounds do not move under a running call. */
export function adjustLimits(changes: Readonly<Partial<Record<AdjustableLimit, number>>>): void {
  Object.assign(limits, changes)
}
