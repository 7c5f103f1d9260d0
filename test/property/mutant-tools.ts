/** How a fault is planted at the boundary of the core: in what goes in, in what comes out, or in the record. */
import type { Call } from '../../src/call/call.ts'
import type { Cdr } from '../../src/call/cdr.ts'
import type { Effect } from '../../src/call/effect.ts'
import type { Endpoint } from '../../src/call/endpoint.ts'
import type { Step } from '../../src/call/finish.ts'
import type { Command, Input } from '../../src/call/input.ts'
import type { LegRow } from '../../src/call/matrix.ts'
import type { Party } from '../../src/call/party.ts'
import type { Supervision } from '../../src/call/supervision.ts'
import type { LegId } from '../../src/kernel/ids.ts'
import { ok } from '../../src/kernel/outcome.ts'
import type { Instant } from '../../src/kernel/time.ts'
import { agents, foreigner, home } from '../../testkit/people.ts'
import { type CallCore, realCore } from '../../testkit/world-call.ts'
import type { LawName } from './laws.ts'

export interface Mutant {
  readonly fault: string
  readonly law: LawName
  /** Made anew for every script: some count. */
  readonly core: () => CallCore
}

export function wrong(fault: string, law: LawName, core: () => CallCore): Mutant {
  return { fault, law, core }
}

export function after(change: (step: Step) => Step): CallCore {
  return {
    ...realCore,
    begin: (...birth) => change(realCore.begin(...birth)),
    step: (call, at, input) => {
      const stepped = realCore.step(call, at, input)
      return stepped.ok ? ok(change(stepped.value)) : stepped
    },
  }
}

export const orders = (change: (effect: Effect, call: Call) => readonly Effect[]): CallCore =>
  after((step) => ({ ...step, effects: step.effects.flatMap((effect) => change(effect, step.call)) }))

export const rows = (change: (rows: readonly LegRow[], call: Call) => readonly LegRow[]): CallCore =>
  orders((effect, call) => [effect.kind === 'rewire' ? { ...effect, rows: change(effect.rows, call) } : effect])

export const hangUpsBut = (which: (party: Party, call: Call) => boolean): CallCore =>
  orders((effect, call) => {
    const party = effect.kind === 'hang-up' ? call.parties.find((p) => p.leg === effect.leg) : undefined
    return party !== undefined && which(party, call) ? [] : [effect]
  })

/** Another input reaches the core. */
export const instead = (change: (call: Call, input: Input) => Input): CallCore => ({
  ...realCore,
  step: (call, at, input) => realCore.step(call, at, change(call, input)),
})

export const folding = (change: (before: Cdr, now: Cdr) => Cdr): CallCore => ({
  ...realCore,
  fold: (cdr, event) => change(cdr, realCore.fold(cdr, event)),
})

export const party = (call: Call, id: Party['id']): Party | undefined => call.parties.find((p) => p.id === id)
export const legOf = (call: Call, supervision: Supervision): LegId | undefined => party(call, supervision.party)?.leg
export const core = (call: Call): readonly Party[] => call.parties.filter((p) => p.role !== 'supervisor' && p.state === 'connected')
export const active = (call: Call, mode: Supervision['mode']): readonly Supervision[] =>
  call.supervisions.filter((s) => s.state === 'active' && s.mode === mode)

export function adding(all: readonly LegRow[], listener: Party | undefined, talkers: readonly (LegId | undefined)[]): readonly LegRow[] {
  const known = talkers.filter((leg) => leg !== undefined)
  if (listener === undefined || known.length === 0) return all
  const rest = all.filter((row) => row.listener !== listener.leg)
  const row = all.find((r) => r.listener === listener.leg)
  return [...rest, { listener: listener.leg, talkers: [...new Set([...(row?.talkers ?? []), ...known])] }]
}

export const revived = (supervision: Supervision): Supervision =>
  supervision.endReason === 'hangup' ? { ...supervision, state: 'active' } : supervision

export function foreignersAdmitted(): CallCore {
  const isForeign = (endpoint: Endpoint) => endpoint.kind === 'extension' && endpoint.extension === foreigner.extension
  const restored = (endpoint: Endpoint): Endpoint => (isForeign(endpoint) ? foreigner : endpoint)
  return {
    ...realCore,
    step: (call, at, input) => {
      const admitted = input.kind === 'supervise' ? { ...input, supervisor: { ...input.supervisor, account: home } } : input
      const stepped = realCore.step(call, at, admitted)
      if (!stepped.ok || input.kind !== 'supervise' || input.supervisor.account === home) return stepped
      return ok({ ...stepped.value, effects: stepped.value.effects.map((e) => (e.kind === 'invite' ? { ...e, to: restored(e.to) } : e)) })
    },
  }
}

export function everybodyMayBeMonitored(): CallCore {
  const private212 = agents.find((a) => !a.mayBeMonitored)?.extension
  const set = (endpoint: Endpoint, mayBeMonitored: boolean): Endpoint =>
    endpoint.kind === 'extension' && endpoint.extension === private212 ? { ...endpoint, mayBeMonitored } : endpoint
  const inCall = (call: Call, mayBeMonitored: boolean): Call => ({
    ...call,
    parties: call.parties.map((p) => ({ ...p, endpoint: set(p.endpoint, mayBeMonitored) })),
  })
  const inInput = (input: Input): Input => ('to' in input && 'as' in input ? ({ ...input, to: set(input.to, true) } as Command) : input)
  return {
    ...realCore,
    step: (call, at, input) => {
      const stepped = realCore.step(inCall(call, true), at, inInput(input))
      return stepped.ok ? ok({ ...stepped.value, call: inCall(stepped.value.call, false) }) : stepped
    },
  }
}

/** The target of a supervision is never changed but by command. */
export function targetsStay(): CallCore {
  return {
    ...realCore,
    step: (call, at, input) => {
      const stepped = realCore.step(call, at, input)
      if (!stepped.ok || 'supervision' in input || input.kind === 'supervise') return stepped
      const supervisions = stepped.value.call.supervisions.map((s) => ({
        ...s,
        target: call.supervisions.find((b) => b.id === s.id)?.target ?? s.target,
      }))
      return ok({ ...stepped.value, call: { ...stepped.value.call, supervisions } })
    },
  }
}

/** Who hangs up has gone, and nobody draws a conclusion. */
export function loneliness(): CallCore {
  const left = (call: Call, leg: LegId, at: Instant): Call => ({
    ...call,
    parties: call.parties.map((p) => (p.leg === leg ? { ...p, state: 'ended', endedAt: at } : p)),
  })
  return {
    ...realCore,
    step: (call, at, input) => {
      if (input.kind !== 'leg-ended' || input.reason !== 'hangup' || call.endedAt !== undefined) return realCore.step(call, at, input)
      return ok({ call: left(call, input.leg, at), effects: [], events: [], confirm: { on: 'now' } })
    },
  }
}
