/** Queues, which RingCX calls gates (contract ringcx, section 7). */
import type { Call } from '../../call/call.ts'
import { isPending } from '../../call/party.ts'
import type { AgentView, GroupView } from '../../control/command.ts'
import type { Account, Group } from '../../directory/people.ts'
import { limits } from '../../kernel/limits.ts'
import type { Instant } from '../../kernel/time.ts'
import { idOf } from './answer.ts'
import { groupId } from './answer-people.ts'

export const gateGroupView = (account: Account): object => ({
  gateGroupId: groupId,
  groupName: account.name,
  gates: account.groups.map(gateView),
})

export const gateView = ({ id, name, record, wrapUpMs }: Omit<Group, 'account'>): object => ({
  gateId: idOf(id),
  gateName: name,
  gateDesc: '',
  isActive: true,
  recordCall: record ? 1 : 0,
  recordingSettings: null,
  slaTime: limits.serviceLevelMs / 1000,
  wrapTime: wrapUpMs / 1000,
})

export const dispositionView = (disposition: string, i: number): object => ({
  gateDispositionId: i + 1,
  disposition,
  isDefault: false,
  isDisabled: false,
  isSuccess: false,
  isComplete: true,
  requireNote: false,
  rank: i + 1,
})

/** What the queues of an account are doing, from calls and agents that were read once for all of them. */
export interface Now {
  readonly at: Instant
  readonly calls: readonly Call[]
  readonly agents: readonly AgentView[]
}

export function gateNow(group: GroupView, { at, calls, agents }: Now): object {
  const own = calls.filter((call) => call.group === group.id)
  const staff = agents.filter((agent) => agent.state !== 'offline' && agent.groups.includes(group.id))
  const routing = own.filter((call) => call.queue !== undefined && call.parties.some(isPending)).length
  const { received, answered, abandoned, inTime, late } = group.tally
  return {
    gateId: idOf(group.id),
    gateName: group.name,
    gateGroupId: groupId,
    active: own.length,
    inQueue: Math.max(0, group.waiting - routing),
    routing,
    longestInQueue: group.waitingSince === undefined ? 0 : Math.floor((at - group.waitingSince) / 1000),
    staffed: staff.length,
    available: staff.filter(({ state }) => state === 'available').length,
    presented: received,
    accepted: answered,
    abandoned,
    slaPass: inTime,
    slaFail: late,
  }
}
