/** Deeds of a busy call centre, each chosen by the world's own dice: callers, phones, programs and the engine, all at once. */
import type { Call } from '../../src/call/call.ts'
import { isLive } from '../../src/call/party.ts'
import { modes } from '../../src/call/supervision.ts'
import type { DeskCommand, Selector } from '../../src/control/command.ts'
import { abroad, home } from '../../testkit/people.ts'
import type { ScriptedLeg } from '../../testkit/scripted-engine.ts'
import { supervisorKey, type World } from '../../testkit/world.ts'

const phones = ['210', '211', '212', '106', '101', '024', '102']
const publicNumbers = ['+15554150210', '+15554150106', '+18661234567', '+18661234567', '+18669999999', '+18660000000']
const dialled = ['211', '106', '212', '830', '820', '0003*210', '+447700900123', '555', '840']
const customers = ['+15550001111', '+15550002222', '+15550003333', '+15550004444']

type Deed = (world: World) => void

const deeds: readonly (readonly [weight: number, deed: Deed])[] = [
  [6, (world) => void world.customerCalls(one(world, publicNumbers), one(world, customers))],
  [3, (world) => void world.phoneCalls(one(world, phones), one(world, dialled))],
  [14, (world) => anyLeg(world, (leg) => world.engine.answer(leg), 'inviting', 'ringing')],
  [4, (world) => anyLeg(world, (leg) => world.engine.end(leg, 'hangup'), 'up', 'offered', 'answering')],
  [1, (world) => anyLeg(world, (leg) => world.engine.end(leg, 'declined'), 'inviting', 'ringing')],
  [4, (world) => anyLeg(world, (leg) => world.engine.hold(leg, !leg.holds), 'up')],
  [3, refer],
  [2, joinTwoCalls],
  [2, replace],
  [3, register],
  [
    2,
    (world) =>
      void world.ask({
        kind: 'set-agent-state',
        agent: one(world, ['1234', '4567', '106', '999']),
        state: one(world, ['available', 'available', 'away', 'offline']),
      }),
  ],
  [1, (world) => void world.ask({ kind: 'raise-hand', agent: one(world, ['1234', '4567', '106']), raised: world.random.chance(0.7) })],
  [3, originate],
  [14, supervise],
  [
    10,
    (world) =>
      onSupervision(world, (id) => ({
        kind: 'change-supervision',
        supervision: id,
        mode: one(world, modes),
        target: one(world, ['agent', 'customer']),
      })),
  ],
  [2, (world) => onSupervision(world, (id) => ({ kind: 'end-supervision', supervision: id }))],
  [2, (world) => onSupervision(world, (id) => ({ kind: 'take-over', supervision: id }))],
  [6, (world) => onParty(world, (call, party) => ({ kind: one(world, ['hold', 'unhold', 'mute', 'unmute']), call, party }))],
  [1, (world) => onParty(world, (call, party) => ({ kind: 'remove-party', call, party }))],
  [5, transfer],
  [1, (world) => onCall(world, ({ id }) => void world.ask({ kind: 'end-call', call: id }, world.delay()))],
  [2, byStranger],
]

const total = deeds.reduce((sum, [weight]) => sum + weight, 0)

export function doSomething(world: World): void {
  let rest = world.random.integer(total)
  for (const [weight, deed] of deeds) {
    if (rest < weight) return deed(world)
    rest -= weight
  }
}

/** How quickly people pick up changes all the time, and now and then somebody's phone fails. */
export function changeHabits(world: World): void {
  for (const phone of [...phones, ...customers, '+447700900123']) {
    if (world.random.chance(0.1))
      world.habit(phone, { fails: { afterMs: world.delay(), reason: one(world, ['busy', 'unavailable', 'failed']) } })
    else if (world.random.chance(0.05)) world.habit(phone, {})
    else
      world.habit(phone, {
        acceptsAfterMs: world.delay(),
        ringsAfterMs: world.delay(),
        ...(world.random.chance(0.6) ? { answersAfterMs: world.delay(3000) } : {}),
      })
  }
}

function one<T>(world: World, of: readonly T[]): T {
  return of[world.random.integer(of.length)] as T
}

function anyLeg(world: World, act: (leg: ScriptedLeg) => void, ...phases: readonly ScriptedLeg['phase'][]): void {
  const legs = world.engine.alive().filter((leg) => phases.includes(leg.phase))
  if (legs.length > 0) act(one(world, legs))
}

function onCall(world: World, act: (call: Call) => void): void {
  const calls = [...world.desk.table.live(home)]
  if (calls.length > 0) act(one(world, calls))
}

function onSupervision(world: World, command: (id: Call['supervisions'][number]['id']) => DeskCommand): void {
  onCall(world, ({ supervisions }) => {
    if (supervisions.length > 0) world.ask(command(one(world, supervisions).id), world.delay())
  })
}

function onParty(world: World, command: (call: Call['id'], party: Call['parties'][number]['id']) => DeskCommand): void {
  onCall(world, ({ id, parties }) => {
    const present = parties.filter(isLive)
    if (present.length > 0) world.ask(command(id, one(world, present).id), world.delay())
  })
}

function supervise(world: World): void {
  onCall(world, (call) => {
    const supervisor: Selector = one(world, [{ extension: '101' }, { extension: '024' }, { extension: '102' }, { number: '+15550009999' }])
    const mode = one(world, modes)
    const target = one(world, ['agent', 'customer', ...call.parties.map((p) => p.id)] as const)
    const options = {
      private: mode === 'whisper' && world.random.chance(0.3),
      follow: one(world, ['call', 'target'] as const),
      hearPeers: world.random.chance(0.5),
    }
    world.ask({ kind: 'supervise', call: call.id, supervisor, mode, target, ...options }, world.delay())
  })
}

function originate(world: World): void {
  const from = one(world, [
    { extension: '106' },
    { agent: '1234' },
    { groups: ['030'] },
    { extension: '213' },
    { number: '+15550002222' },
  ] as const)
  const to = one(world, [{ number: '+15550003333' }, { extension: '211' }, { number: '123456' }] as const)
  world.ask({ kind: 'originate', from, to, reference: 'order 17' }, world.delay())
}

function transfer(world: World): void {
  const to = one(world, [
    { extension: '211' },
    { extension: '212' },
    { group: '030' },
    { number: '+15550004444' },
    { extension: '213' },
  ] as const)
  onCall(world, ({ id }) => void world.ask({ kind: 'transfer', call: id, to, how: one(world, ['blind', 'attended']) }, world.delay()))
}

function refer(world: World): void {
  anyLeg(world, (leg) => world.report({ kind: 'transfer-requested', leg: leg.id, transfer: 't', dialled: one(world, dialled) }), 'up')
}

/** A phone with two calls at once asks to have their far ends connected. */
function joinTwoCalls(world: World): void {
  anyLeg(
    world,
    (leg) => {
      const other = world.engine.alive().find((l) => l.address === leg.address && l.id !== leg.id && l.phase === 'up')
      if (other !== undefined) world.report({ kind: 'transfer-requested', leg: leg.id, transfer: 't', dialled: '', consulted: other.id })
    },
    'up',
  )
}

function replace(world: World): void {
  anyLeg(
    world,
    (replaces) => {
      const extension = one(world, phones)
      if (replaces.account === home)
        world.offer({ source: { kind: 'extension', account: home, extension }, number: extension, replaces }, '')
    },
    'up',
    'ringing',
  )
}

function register(world: World): void {
  const contacts = world.random.chance(0.8) ? 1 : 0
  world.report({ kind: 'registration', account: home, extension: one(world, phones), contacts })
}

/** A program of another account names a call that it cannot know. */
function byStranger(world: World): void {
  const caller = { ...supervisorKey, account: abroad }
  onCall(world, ({ id }) => {
    const command = one<DeskCommand>(world, [
      { kind: 'supervise', call: id, supervisor: { extension: '101' }, mode: 'monitor' },
      { kind: 'end-call', call: id },
    ])
    world.ask(command, world.delay(), caller)
  })
}
