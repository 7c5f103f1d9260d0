/** Cores with a fault planted at their boundary, each with the law that has to find it: the test of the tests. */

import type { LegRow } from '../../src/call/matrix.ts'
import { ok } from '../../src/kernel/outcome.ts'
import { realCore } from '../../testkit/world-call.ts'
import {
  active,
  adding,
  after,
  core,
  everybodyMayBeMonitored,
  folding,
  foreignersAdmitted,
  hangUpsBut,
  instead,
  legOf,
  loneliness,
  type Mutant,
  orders,
  party,
  revived,
  rows,
  targetsStay,
  wrong,
} from './mutant-tools.ts'

const whisperLaw = 'a whisper reaches its target, and peers who asked, and nobody else'

export const mutants: readonly Mutant[] = [
  wrong('the customer hears the whisper while the agent is on hold', whisperLaw, () =>
    rows((all, call) => {
      const coaches = active(call, 'whisper').filter((s) => party(call, s.target)?.held)
      return core(call).reduce(
        (found, listener) =>
          adding(
            found,
            listener,
            coaches.map((s) => legOf(call, s)),
          ),
        all,
      )
    }),
  ),
  wrong('supervisors hear the whispers of others unasked', whisperLaw, () =>
    rows((all, call) =>
      call.supervisions
        .filter((s) => s.state === 'active')
        .reduce((found, peer) => {
          const others = active(call, 'whisper').filter((s) => s !== peer)
          return adding(
            found,
            party(call, peer.party),
            others.map((s) => legOf(call, s)),
          )
        }, all),
    ),
  ),
  wrong('a monitor is heard by his target', 'a monitor is heard by nobody', () =>
    rows((all, call) => active(call, 'monitor').reduce((found, s) => adding(found, party(call, s.target), [legOf(call, s)]), all)),
  ),
  wrong('in a conference each hears himself', 'nobody hears himself', () =>
    rows((all) => all.map((row) => (row.talkers.length > 1 ? { ...row, talkers: [...row.talkers, row.listener] } : row))),
  ),
  wrong('the matrix stays when the call ends', 'nothing is heard after the end', () =>
    orders((effect, call) => (effect.kind === 'rewire' && call.endedAt !== undefined ? [] : [effect])),
  ),
  wrong('a private whisperer hears his target', 'a private whisperer hears nobody', () =>
    rows((all, call) =>
      active(call, 'whisper')
        .filter((s) => s.private)
        .reduce((found, s) => {
          return adding(found, party(call, s.party), [party(call, s.target)?.leg])
        }, all),
    ),
  ),
  wrong('who is muted is heard', 'held and muted are heard by nobody', () =>
    rows((all, call) =>
      core(call)
        .filter((p) => p.muted)
        .reduce((found, p) => {
          return core(call)
            .filter((other) => other !== p)
            .reduce((more, other) => adding(more, other, [p.leg]), found)
        }, all),
    ),
  ),
  wrong('who holds by his own phone is spoken to', 'who is on hold hears no voice', () =>
    rows((all, call) =>
      core(call)
        .filter((p) => p.phoneHeld)
        .reduce((found, p) => adding(found, p, [core(call)[0]?.leg]), all),
    ),
  ),
  wrong('a supervisor listens while his phone rings', 'nobody takes part before he is connected, or after', () =>
    rows((all, call) =>
      call.parties
        .filter((p) => p.role === 'supervisor' && p.state === 'ringing')
        .reduce((found, p) => {
          return adding(found, p, [core(call)[0]?.leg])
        }, all),
    ),
  ),
  wrong('a supervised customer hears no agent', 'the conversation hears itself', () =>
    rows((all, call) => {
      const customer = call.supervisions.some((s) => s.state === 'active') ? call.parties.find((p) => p.role === 'customer') : undefined
      return all.map((row) => (row.listener === customer?.leg ? { ...row, talkers: [] } : row))
    }),
  ),
  wrong('the target does not hear the whisper', 'who steps in is heard, and hears', () =>
    rows((all, call) =>
      all.map((row) => {
        const coaches = active(call, 'whisper').map((s) => legOf(call, s))
        return { ...row, talkers: row.talkers.filter((leg) => !coaches.includes(leg)) }
      }),
    ),
  ),
  wrong('a talker is in a row twice', 'nobody is in a row twice', () =>
    rows((all) => all.map((row) => (row.talkers.length > 1 ? { ...row, talkers: [...row.talkers, ...row.talkers.slice(1)] } : row))),
  ),
  wrong('every third rewire is forgotten', 'at rest the mixer works by hearing(call)', () => {
    let count = 0
    return orders((effect) => (effect.kind === 'rewire' && ++count % 3 === 0 ? [] : [effect]))
  }),
  wrong('a command is answered before the mixer has applied it', 'an answered command is in force', () =>
    after((step) => ({ ...step, confirm: { on: 'now' } })),
  ),
  wrong('any confirmation counts as the newest', 'an answered command is in force', () =>
    instead((call, input) => (input.kind === 'wired' ? { ...input, revision: call.wiring.revision } : input)),
  ),
  wrong('a change of mode leaves the old matrix', 'a voice reaches nobody whom no stance since the last confirmed one allows', () => {
    let old: readonly LegRow[] = []
    return after((step) => {
      const changes = step.events.some((e) => e.type === 'supervision.mode-changed')
      const effects = step.effects.map((e) => (e.kind === 'rewire' && changes ? { ...e, rows: old } : e))
      old = step.effects.find((e) => e.kind === 'rewire')?.rows ?? old
      return { ...step, effects }
    })
  }),
  wrong("a supervisor's leg is not hung up", 'whoever supervised is let go', () => hangUpsBut((p) => p.role === 'supervisor')),
  wrong('a phone that still rings is forgotten at the end', 'an ended call has let everybody go', () =>
    hangUpsBut((p, call) => call.endedAt !== undefined && p.answeredAt === undefined),
  ),
  wrong('a removed party stays on the line', 'a leg lives as long as its party', () => hangUpsBut((p) => p.endReason === 'removed')),
  wrong('legs are hung up twice', 'every order makes sense', () =>
    orders((effect) => (effect.kind === 'hang-up' && effect.reason === 'transferred' ? [effect, effect] : [effect])),
  ),
  wrong('a supervisor of another account is let in', 'no leg and no pair crosses an account', foreignersAdmitted),
  wrong('who may be supervised is not looked at', 'who is supervised may be supervised', everybodyMayBeMonitored),
  wrong('a supervision outlives its supervisor', 'no supervisor without a supervision, no supervision without a call', () =>
    after((step) => ({ ...step, call: { ...step.call, supervisions: step.call.supervisions.map(revived) } })),
  ),
  wrong('a transfer leaves the customer on hold', 'nobody is left on hold by one who was replaced', () =>
    after((step) => {
      const transferred = step.events.some((e) => e.type === 'call.transferred')
      const parties = step.call.parties.map((p) =>
        p.role === 'customer' && transferred && p.state === 'connected' ? { ...p, held: true } : p,
      )
      return { ...step, call: { ...step.call, parties } }
    }),
  ),
  wrong('who takes over keeps the voice of a supervisor', 'a lost lease would cut supervisors and nobody else', () =>
    orders((effect) => (effect.kind === 'set-voice' ? [] : [effect])),
  ),
  wrong('a target who left is coached on', 'the target is there', targetsStay),
  wrong('one who is left alone waits for ever', 'a live call is a conversation, or waits for somebody until a set time', loneliness),
  wrong('time-outs of ringing are not looked at', 'no deadline passes unheeded', () =>
    instead((call, input) => (input.kind === 'wake' ? { kind: 'wired', revision: call.wiring.applied, at: call.startedAt } : input)),
  ),
  wrong('a late answer counts', 'a late event changes nothing', () => ({
    ...realCore,
    step: (call, at, input) => {
      const stepped = realCore.step(call, at, input)
      const late = input.kind === 'leg-answered' && stepped.ok && stepped.value.call === call
      return late ? ok({ ...stepped.value, call: { ...call } }) : stepped
    },
  })),
  wrong('a number of an event is left out', 'events count without gaps', () =>
    after((step) =>
      step.events.some((e) => e.type === 'call.resumed') ? { ...step, call: { ...step.call, seq: step.call.seq + 1 } } : step,
    ),
  ),
  wrong('a new party does not count as a change', 'revisions only grow, and do with every change that can be seen', () =>
    after((step) =>
      step.events.length === 0 && step.effects.length > 0 ? { ...step, call: { ...step.call, revision: step.call.revision - 1 } } : step,
    ),
  ),
  wrong('the record loses time on hold', "the record's times add up", () => folding((before, now) => ({ ...now, holdMs: before.holdMs }))),
  wrong('the record takes hold for talk', "the record's times are those that were seen", () =>
    folding((before, now) => ({ ...now, talkMs: now.talkMs + now.holdMs - before.holdMs, holdMs: before.holdMs })),
  ),
  wrong('the record counts the wait as hold', 'waiting ends with the answer', () =>
    folding((before, now) => ({ ...now, holdMs: now.holdMs + now.waitingMs - before.waitingMs, waitingMs: before.waitingMs })),
  ),
  wrong('the record forgets who left', 'the record knows who took part', () =>
    folding((before, now) => (now.parties.some((p) => p.leftAt !== undefined) ? { ...now, parties: before.parties } : now)),
  ),
  wrong('the record misses changes of mode', 'the record knows who supervised, and how', () => ({
    ...realCore,
    fold: (cdr, event) =>
      realCore.fold(cdr, event.type === 'supervision.mode-changed' ? { ...event, type: 'call.queued', data: { group: '' } } : event),
  })),
]
