/**
 * Stories of calls in the words of the trade: `given(call().between(customer, agent).answered())`, `when(supervisor.whispers(to(agent)))`,
 * `thus(hears({ … }))`. The same sentences are played on the pure core and on the desk, and what is heard is read from the mixer.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../src/call/call.ts'
import { addressOf, type Endpoint } from '../src/call/endpoint.ts'
import type { Source } from '../src/call/matrix.ts'
import type { Party } from '../src/call/party.ts'
import type { EndReason } from '../src/call/reason.ts'
import type { RefusalCode } from '../src/call/refusal.ts'
import type { Mode, Supervision } from '../src/call/supervision.ts'
import { agents, customers, outside, supervisors } from './people.ts'
import type { ScriptedEngine } from './scripted-engine.ts'

/** What a program may wish for, in terms of people. */
export type Wish =
  | {
      readonly kind: 'supervise'
      readonly supervisor: Someone
      readonly mode: Mode
      readonly target?: Target
      readonly private?: boolean
      readonly follow?: 'call' | 'target'
      readonly hearPeers?: boolean
    }
  | { readonly kind: 'change'; readonly supervisor: Someone; readonly mode?: Mode; readonly target?: Target; readonly private?: boolean }
  | { readonly kind: 'end-supervision' | 'take-over'; readonly supervisor: Someone }
  | { readonly kind: 'hold' | 'unhold' | 'mute' | 'unmute' | 'remove' | 'park'; readonly who: Someone }
  | { readonly kind: 'transfer'; readonly how: 'blind' | 'attended' | 'hand-over'; readonly who?: Someone; readonly to: Someone }
  | { readonly kind: 'unpark' | 'pick-up' | 'invite'; readonly who: Someone }
  | { readonly kind: 'requeue' }
  | { readonly kind: 'end' }

export type Target = Someone | 'agent' | 'customer'
export type PhoneDeed = 'answers' | 'rings' | 'hangs up' | 'declines' | 'holds' | 'resumes'

/** Where a story is played. Everything has come to rest when a method returns. */
export interface Stage {
  begin(plan: { readonly from: Someone; readonly to: Someone }): void
  /** A program calls the first one into a conference. */
  meet(first: Someone): void
  /** `answer` says what came of it. */
  wish(wish: Wish): void
  phone(who: Someone, deed: PhoneDeed): void
  readonly answer: 'nothing' | 'done' | RefusalCode
  readonly call: Call
  readonly engine: ScriptedEngine
}

export type Sentence = (stage: Stage) => void

export const given = (...sentences: readonly Sentence[]): Sentence => all(sentences)
export const when = (...sentences: readonly Sentence[]): Sentence => all(sentences)
/** Not `then`: a module that exports one is taken for a promise when it is imported dynamically. */
export const thus = (...sentences: readonly Sentence[]): Sentence => all(sentences)

const all =
  (sentences: readonly Sentence[]): Sentence =>
  (stage) => {
    for (const sentence of sentences) sentence(stage)
  }

/** Plays the sentences on every stage. */
export function story(name: string, stages: Readonly<Record<string, () => Stage>>, ...sentences: readonly Sentence[]): void {
  for (const [where, stage] of Object.entries(stages)) test(`${name} (${where})`, () => all(sentences)(stage()))
}

type SuperviseOptions = Omit<Extract<Wish, { kind: 'supervise' }>, 'kind' | 'supervisor' | 'mode' | 'target'>

/** One of the cast, with all that he may do as sentences. */
export class Someone {
  readonly name: string
  readonly endpoint: Endpoint

  constructor(name: string, endpoint: Endpoint) {
    this.name = name
    this.endpoint = endpoint
  }

  monitors(options: SuperviseOptions = {}): Sentence {
    return this.#comes({ mode: 'monitor', ...options })
  }

  whispers(target: Target, options: SuperviseOptions = {}): Sentence {
    return this.#comes({ mode: 'whisper', target, ...options })
  }

  barges(options: SuperviseOptions = {}): Sentence {
    return this.#comes({ mode: 'barge', ...options })
  }

  #comes(how: Omit<Extract<Wish, { kind: 'supervise' }>, 'kind' | 'supervisor'>): Sentence {
    return all([this.isCalledTo(how), this.answers()])
  }

  /** His phone is called, and rings on. */
  isCalledTo(how: Omit<Extract<Wish, { kind: 'supervise' }>, 'kind' | 'supervisor'>): Sentence {
    return (stage) => stage.wish({ kind: 'supervise', supervisor: this, ...how })
  }

  changesTo(how: Omit<Extract<Wish, { kind: 'change' }>, 'kind' | 'supervisor'>): Sentence {
    return (stage) => stage.wish({ kind: 'change', supervisor: this, ...how })
  }

  takesOver(): Sentence {
    return (stage) => stage.wish({ kind: 'take-over', supervisor: this })
  }

  stopsSupervising(): Sentence {
    return (stage) => stage.wish({ kind: 'end-supervision', supervisor: this })
  }

  is(what: 'held' | 'resumed' | 'muted' | 'unmuted' | 'removed'): Sentence {
    const kinds = { held: 'hold', resumed: 'unhold', muted: 'mute', unmuted: 'unmute', removed: 'remove' } as const
    return (stage) => stage.wish({ kind: kinds[what], who: this })
  }

  transfersTo(to: Someone): Sentence {
    return (stage) => stage.wish({ kind: 'transfer', how: 'blind', who: this, to })
  }

  /** An attended transfer begins; the others wait. */
  consults(to: Someone): Sentence {
    return (stage) => stage.wish({ kind: 'transfer', how: 'attended', who: this, to })
  }

  /** The others stay in the conversation until `to` has answered. */
  handsOverTo(to: Someone): Sentence {
    return (stage) => stage.wish({ kind: 'transfer', how: 'hand-over', who: this, to })
  }

  parks(): Sentence {
    return (stage) => stage.wish({ kind: 'park', who: this })
  }

  /** His phone is called for a parked call. */
  isCalledToFetch(): Sentence {
    return (stage) => stage.wish({ kind: 'unpark', who: this })
  }

  /** His phone is called beside those that ring. */
  isCalledToPickUp(): Sentence {
    return (stage) => stage.wish({ kind: 'pick-up', who: this })
  }

  isInvited(): Sentence {
    return (stage) => stage.wish({ kind: 'invite', who: this })
  }

  answers(): Sentence {
    return this.#phone('answers')
  }

  rings(): Sentence {
    return this.#phone('rings')
  }

  hangsUp(): Sentence {
    return this.#phone('hangs up')
  }

  declines(): Sentence {
    return this.#phone('declines')
  }

  holdsByPhone(): Sentence {
    return this.#phone('holds')
  }

  resumesByPhone(): Sentence {
    return this.#phone('resumes')
  }

  #phone(deed: PhoneDeed): Sentence {
    return (stage) => stage.phone(this, deed)
  }
}

const cast = new Map<string, Someone>()

function person(name: string, endpoint: Endpoint | undefined): Someone {
  assert.ok(endpoint !== undefined)
  const someone = new Someone(name, endpoint)
  cast.set(addressOf(endpoint), someone)
  return someone
}

export const everybody = (): readonly Someone[] => [...cast.values()]

export const customer = person('customer', customers[0])
export const agent = person('agent', agents[0])
export const colleague = person('colleague', agents[1])
export const third = person('third', agents[2])
/** 212, who may not be supervised. */
export const executive = person('executive', agents[3])
export const supervisor = person('supervisor', supervisors[0])
export const secondSupervisor = person('second supervisor', supervisors[1])
/** 102 may monitor only. */
export const listener = person('listener', supervisors[2])
/** A supervisor at a phone outside. */
export const remote = person('remote supervisor', outside('+15550009999'))

export const to = (target: Target): Target => target
export const nobody: readonly Someone[] = []

export function call() {
  return {
    between: (from: Someone, callee: Someone) => ({
      answered: (): Sentence => (stage) => {
        stage.begin({ from, to: callee })
        stage.phone(callee, 'answers')
      },
      ringing: (): Sentence => (stage) => {
        stage.begin({ from, to: callee })
        stage.phone(callee, 'rings')
      },
    }),
  }
}

/** Everybody joins the conference, one after the other. */
export const conference =
  (first: Someone, ...others: readonly Someone[]): Sentence =>
  (stage) => {
    stage.meet(first)
    all([first.answers(), ...others.flatMap((who) => [who.isInvited(), who.answers()])])(stage)
  }

/** The customer waits for a group again, which has another agent, the colleague. */
export const goesBackToTheQueue: Sentence = (stage) => stage.wish({ kind: 'requeue' })

/** Whom each of the cast hears in the mixer; who is not named hears nobody. */
export function hears(expected: Readonly<Record<string, readonly Someone[]>>): Sentence {
  return (stage) => {
    const wanted = Object.entries(expected).filter(([, talkers]) => talkers.length > 0)
    assert.deepEqual(heardOn(stage), Object.fromEntries(wanted.map(([who, talkers]) => [who, talkers.map((t) => t.name).toSorted()])))
  }
}

export function heardOn(stage: Stage): Record<string, readonly string[]> {
  const name = (leg: Party['leg']) => cast.get(stage.engine.legs.get(leg)?.address ?? '')?.name ?? leg
  const found: Record<string, string[]> = {}
  for (const pair of stage.engine.heard(stage.call.id)) {
    found[name(pair.listener)] = [...(found[name(pair.listener)] ?? []), name(pair.talker)].toSorted()
  }
  return found
}

export function isPlayed(who: Someone, source: Source | undefined): Sentence {
  return (stage) => {
    const row = stage.engine
      .bridge(stage.call.id)
      .applied.rows.find((r) => stage.engine.legs.get(r.listener)?.address === addressOf(who.endpoint))
    assert.equal(row?.source, source)
  }
}

export const isRefused =
  (code: RefusalCode): Sentence =>
  (stage) =>
    assert.equal(stage.answer, code)

export const isDone: Sentence = (stage) => assert.equal(stage.answer, 'done')

export const callEnded =
  (reason: EndReason): Sentence =>
  (stage) =>
    assert.equal(stage.call.endReason, reason)

export const callGoesOn: Sentence = (stage) => assert.equal(stage.call.endedAt, undefined)

export const hasLeft =
  (who: Someone, reason: EndReason): Sentence =>
  (stage) =>
    assert.equal(partyIn(stage.call, who)?.endReason, reason)

export const supervisionEnded =
  (who: Someone, reason: EndReason): Sentence =>
  (stage) => {
    assert.equal(supervisionIn(stage.call, who)?.endReason, reason)
    if (reason !== 'taken-over') assert.equal(legOf(stage, who)?.phase, 'over', 'his leg was let go')
  }

export const coaches =
  (who: Someone, target: Someone): Sentence =>
  (stage) =>
    assert.equal(supervisionIn(stage.call, who)?.target, partyIn(stage.call, target)?.id)

export const partyIn = (from: Call, who: Someone): Party | undefined =>
  from.parties.findLast((p) => addressOf(p.endpoint) === addressOf(who.endpoint))

export function supervisionIn(from: Call, who: Someone): Supervision | undefined {
  return from.supervisions.findLast((s) => from.parties.some((p) => p.id === s.party && addressOf(p.endpoint) === addressOf(who.endpoint)))
}

export const legOf = ({ engine, call: from }: Stage, who: Someone) => {
  const party = partyIn(from, who)
  return party === undefined ? undefined : engine.legs.get(party.leg)
}
