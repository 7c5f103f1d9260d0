/**
 * What must be true of every call at every moment, said without the words of call/hearing.ts: each law looks at the orders that really went to
 * the engine and at the state of parties and supervisions.
 */
import { isEnded } from '../../src/call/call.ts'
import { hearing, legRows } from '../../src/call/hearing.ts'
import type { LegRow } from '../../src/call/matrix.ts'
import type { Party } from '../../src/call/party.ts'
import type { Supervision } from '../../src/call/supervision.ts'
import type { LegId } from '../../src/kernel/ids.ts'
import type { CallWorld, Stance } from '../../testkit/world-call.ts'
import type { Law, StateLaw, Watched } from './law.ts'
import { bookLaws } from './laws-books.ts'
import { fetchingLaws, fetchingStateLaws } from './laws-fetching.ts'
import { serviceLaws, stateLaws } from './laws-service.ts'

/** One ordered pair: who would hear whom. `how` is the talker's supervision, if he has one. */
interface Pair {
  readonly listener: Party
  readonly talker: Party
  readonly how: Supervision | undefined
}

const hearingLaws = {
  'a monitor is heard by nobody': each(({ how }) => how?.mode !== 'monitor'),
  'a whisper reaches its target, and peers who asked, and nobody else': each((pair, world) => {
    if (pair.how?.mode !== 'whisper' || pair.how.target === pair.listener.id) return true
    return open(world, pair.listener)?.hearPeers === true
  }),
  'nobody hears himself': each(({ listener, talker }) => listener.id !== talker.id),
  'nobody is in a row twice': (world) =>
    world.engine
      .bridge(world.call.id)
      .ordered.rows.map(doubled)
      .find((found) => found !== undefined),
  'nothing is heard after the end': (world) =>
    isEnded(world.call) && pairs(world).length > 0 ? 'the last order leaves somebody hearing' : undefined,
  'no leg and no pair crosses an account': (world) => {
    const strangers = [...world.engine.legs.values()].filter((leg) => leg.call === world.call.id && leg.account !== world.call.account)
    return strangers.length > 0 ? `${strangers[0]?.address} is of another account` : undefined
  },
  'a private whisperer hears nobody': each(({ listener }, world) => {
    const supervision = open(world, listener)
    return !(supervision?.mode === 'whisper' && supervision.private)
  }),
  'held and muted are heard by nobody': each(({ talker }) => !talker.muted && !talker.held && !talker.phoneHeld),
  'who is on hold hears no voice': each(({ listener }) => !listener.held && !listener.phoneHeld),
  'nobody takes part before he is connected, or after': each(({ listener, talker }) => {
    return listener.state === 'connected' && talker.state === 'connected'
  }),
  'the conversation hears itself': (world) => {
    const core = conversation(world)
    return missing(world, core, core)
  },
  'who steps in is heard, and hears': (world) => {
    const core = conversation(world)
    for (const supervisor of present(world).filter((p) => p.role === 'supervisor')) {
      const supervision = open(world, supervisor)
      if (supervision === undefined) continue
      const reached = core.filter((p) => supervision.mode === 'barge' || (supervision.mode === 'whisper' && supervision.target === p.id))
      const deaf = supervision.mode === 'whisper' && supervision.private
      const found = missing(world, reached, [supervisor]) ?? (deaf ? undefined : missing(world, [supervisor], core))
      if (found !== undefined) return found
    }
    return undefined
  },
  'at rest the mixer works by hearing(call)': (world) => {
    const { waiting, untold, applied } = world.engine.bridge(world.call.id)
    if (waiting.length > 0 || untold.length > 0) return undefined
    const wanted = JSON.stringify(legRows(world.call, hearing(world.call)))
    const works = JSON.stringify(applied.rows)
    if (wanted !== works) return `wanted ${wanted}, works by ${works}`
    return world.call.wiring.applied === applied.revision ? undefined : 'the call does not know the revision in force'
  },
} satisfies Record<string, StateLaw>

const wiringLaws = {
  'an answered command is in force': (world) => {
    const early = world.asked.find(
      (a) => a.answer === 'done' && !a.endedByIt && waitsForMixer(a.command.kind) && (a.appliedThen ?? 0) < a.needs,
    )
    return early === undefined ? undefined : `${early.command.kind} was answered at ${early.appliedThen}, needs ${early.needs}`
  },
  'a voice reaches nobody whom no stance since the last confirmed one allows': (world) => {
    const { call, engine } = world
    const peers = new Set(call.supervisions.filter((s) => s.hearPeers).map((s) => call.parties.find((p) => p.id === s.party)?.leg))
    const wild = engine.heard(call.id).find(({ listener, talker }) => {
      const reaches = reachable(world, talker)
      return !(reaches.length === 0
        ? isCoreLeg(world, talker)
        : reaches.some((r) => r !== 'nobody' && (r === 'everybody' || r.target === listener || peers.has(listener))))
    })
    return wild === undefined ? undefined : `${wild.listener} hears ${wild.talker}`
  },
} satisfies Record<string, Law>

/** Laws that hold of any call in any world. */
export const lawsOfState: Readonly<Record<string, StateLaw>> = { ...hearingLaws, ...stateLaws, ...fetchingStateLaws }

export const laws = {
  ...{ ...hearingLaws, ...wiringLaws, ...stateLaws, ...serviceLaws, ...bookLaws },
  ...{ ...fetchingStateLaws, ...fetchingLaws },
} as const satisfies Record<string, Law>
export type LawName = keyof typeof laws
export const lawNames = Object.keys(laws) as readonly LawName[]

/** Throws the first broken law by name. */
export function uphold(world: CallWorld, names: readonly LawName[] = lawNames): void {
  for (const name of names) {
    const broken = laws[name](world)
    if (broken !== undefined) throw new Error(`${name}: ${broken}`)
  }
}

/** The supervisor's stances that may be in force: the newest one that the mixer confirmed, and all after it. */
function reachable({ stances, call }: CallWorld, leg: LegId): readonly Stance['reach'][] {
  const own = stances.filter((s) => s.leg === leg)
  const confirmed = own.findLastIndex((s) => s.from <= call.wiring.applied)
  return own.slice(Math.max(0, confirmed)).map((s) => s.reach)
}

const isCoreLeg = ({ call }: CallWorld, leg: LegId): boolean => call.parties.some((p) => p.leg === leg && p.role !== 'supervisor')

const waitsForMixer = (kind: string): boolean =>
  ['change-supervision', 'end-supervision', 'take-over', 'hold', 'mute', 'remove-party', 'park', 'requeue'].includes(kind)

function each(rule: (pair: Pair, world: Watched) => boolean): StateLaw {
  return (world) => {
    const broken = pairs(world).find((pair) => !rule(pair, world))
    return broken === undefined ? undefined : `${name(broken.listener)} hears ${name(broken.talker)}`
  }
}

const name = (party: Party): string => `${party.id} (${party.role})`

/** Pairs of the newest matrix that the engine was ordered to work by. */
function pairs(world: Watched): readonly Pair[] {
  const byLeg = new Map(world.call.parties.map((p) => [p.leg, p]))
  return world.engine.bridge(world.call.id).ordered.rows.flatMap((row) =>
    row.talkers.flatMap((leg) => {
      const listener = byLeg.get(row.listener)
      const talker = byLeg.get(leg)
      return listener === undefined || talker === undefined ? [] : [{ listener, talker, how: open(world, talker) }]
    }),
  )
}

const open = ({ call }: Watched, party: Party): Supervision | undefined =>
  call.supervisions.find((s) => s.party === party.id && s.state !== 'ended')

const doubled = ({ listener, talkers }: LegRow): string | undefined =>
  new Set(talkers).size === talkers.length ? undefined : `${listener} hears somebody twice`

/** Who is on the line with open ears. */
const present = ({ call }: Watched): readonly Party[] =>
  isEnded(call) ? [] : call.parties.filter((p) => p.state === 'connected' && !p.held && !p.phoneHeld)

/** Those of them who talk to each other: in a parked call nobody does. */
const conversation = (world: Watched): readonly Party[] =>
  world.call.parked === undefined ? present(world).filter((p) => p.role !== 'supervisor') : []

/** The first pair of these that is silent and should not be. */
function missing(world: Watched, listeners: readonly Party[], talkers: readonly Party[]): string | undefined {
  const all = pairs(world)
  for (const listener of listeners) {
    for (const talker of talkers) {
      if (talker.id === listener.id || talker.muted) continue
      if (!all.some((p) => p.listener.id === listener.id && p.talker.id === talker.id))
        return `${name(listener)} does not hear ${name(talker)}`
    }
  }
  return undefined
}
