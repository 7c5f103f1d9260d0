/**
 * Random conversations between a server, a phone and a carrier, in any weather. The server's process dies at random instants, before or after
 * it has said what it had to say. Nobody else may notice more than that calls that were being set up are over.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Clock } from '../../testkit/clock.ts'
import { fair, type Host, Network, type Weather } from '../../testkit/network.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { MortalStack } from '../../testkit/sip-mortal.ts'
import { account, hash, leg, udp } from '../../testkit/sip-world.ts'
import type { LegId } from '../kernel/ids.ts'
import type { InviteTarget, Listener, SipEvent, UserAgentSettings } from './door.ts'
import type { Response } from './message.ts'
import { parse } from './parser.ts'
import { UserAgent } from './user-agent.ts'

const storm: Weather = { loss: 0.1, duplication: 0.1, minDelayMs: 5, maxDelayMs: 120 }
const thoroughness = Number(process.env.SOTTO_THOROUGH ?? 1)

type Way = 'udp' | 'tcp' | 'behind-nat'

interface World {
  readonly seed: number
  readonly weather: Weather
  readonly way: Way
}

const tcp = (address: string): Listener => ({ transport: 'TCP', address, port: 5060 })

/** One who answers, holds and hangs up as the dice say; what lives at his end, by his own names. */
class Party {
  readonly live = new Map<LegId, 'early' | 'up'>()
  readonly #dice: SeededRandom
  readonly #clock: Clock
  readonly name: string
  #count = 0

  constructor(name: string, dice: SeededRandom, clock: Clock) {
    this.name = name
    this.#dice = dice
    this.#clock = clock
  }

  newName(): LegId {
    this.#count += 1
    return leg(`${this.name}${this.#count}`)
  }

  hear(event: SipEvent, act: Act): void {
    if (event.kind === 'offered') this.#offered(event.session, act)
    if (event.kind === 'answered') this.live.set(event.session, 'up')
    if (event.kind === 'remoteOffer') {
      const { session } = event
      act((agent) => agent.answerOffer(this.#clock.now, session, 'v=0\r\nagreed\r\n'))
    }
    if (event.kind === 'ended') this.live.delete(event.session)
  }

  #offered(session: LegId, act: Act): void {
    this.live.set(session, 'early')
    const dice = this.#dice
    if (dice.chance(0.7)) this.#later(1_500, session, () => act((agent) => agent.ring(this.#clock.now, session, { status: 180 })))
    // Some let it ring for as long as the caller likes.
    if (dice.chance(0.25)) return
    this.#later(4_000, session, () => {
      if (dice.chance(0.8)) {
        this.live.set(session, 'up')
        act((agent) => agent.answer(this.#clock.now, session, 'v=0\r\nanswer\r\n'))
      } else act((agent) => agent.refuse(this.#clock.now, session, 486))
    })
  }

  #later(ms: number, session: LegId, task: () => void): void {
    this.#clock.after(this.#dice.integer(ms), () => (this.live.get(session) === 'early' ? task() : undefined))
  }

  /** Something that a person does in a call. */
  move(act: Act): void {
    const sessions = [...this.live]
    const [id, state] = sessions[this.#dice.integer(Math.max(1, sessions.length))] ?? []
    if (id === undefined || state !== 'up') return
    const { now } = this.#clock
    const move = this.#dice.integer(10)
    if (move < 3) act((agent) => agent.offer(now, id, `v=0\r\n${move}\r\n`))
    else if (move < 6) act((agent) => agent.sendDtmf(now, id, '5', 100))
    else if (move < 8) act((agent) => agent.probe(now, id))
    else act((agent) => agent.hangUp(now, id, { q850: 16 }))
  }
}

type Act = (act: (agent: UserAgent) => ReturnType<UserAgent['wake']>) => void

function worldOf({ seed, weather, way }: World) {
  const clock = new Clock()
  const random = new SeededRandom(seed)
  const network = new Network(clock, random, weather)
  const dice = new SeededRandom(seed * 7919)
  const server = new MortalStack(serverSettings(way), (life) => new SeededRandom(seed * 1009 + life), clock)
  const desk = new Party('s', dice, clock)
  const toServer: Act = (act) => serverHost.carryOut(server.do(act))
  const serverHost: Host = network.join(server, serverSettings(way).listen, (event) => desk.hear(event, toServer))
  server.onDeath = (broken) => {
    for (const flow of broken) network.cut(flow)
  }
  server.onBirth = (outputs) => {
    serverHost.carryOut(outputs)
    // Whoever is above has heard of nothing since, and finds out who is still there.
    const here = new Set(server.agent.sessions())
    for (const id of desk.live.keys()) if (!here.has(id)) desk.live.delete(id)
    for (const id of here) desk.live.set(id, 'up')
  }
  const others = [otherParty('phone', phoneSettings(way)), otherParty('carrier', carrierSettings(way))] as const
  function otherParty(name: string, own: UserAgentSettings) {
    const agent = new UserAgent(own, new SeededRandom(random.integer(2 ** 31)), hash)
    const party = new Party(name, dice, clock)
    const act: Act = (what) => host.carryOut(what(agent))
    const host: Host = network.join(agent, own.listen, (event) => party.hear(event, act))
    act((one) => one.start(clock.now))
    return { agent, party, host, act }
  }
  toServer((agent) => agent.start(clock.now))
  return { clock, dice, server, serverHost, desk, toServer, others }
}

const serverSettings = (way: Way): UserAgentSettings => ({
  ...{ listen: [udp('10.0.0.1'), tcp('10.0.0.1')], realm: 'sotto.test', product: 'Sotto' },
  // Phones name themselves in Contact as they do when they register.
  extensions: [{ account, number: '210', usernames: ['sotto'], password: 'pw' }],
  trunks: [{ account, id: 'pstn', peer: `${way === 'tcp' ? 'tcp' : 'udp'}:10.0.0.3:5060`, trusted: ['10.0.0.3'] }],
})

const phoneSettings = (way: Way): UserAgentSettings => ({
  ...{ listen: way === 'behind-nat' ? [udp('10.0.0.2')] : [udp('10.0.0.2'), tcp('10.0.0.2')], realm: 'phone', product: 'Phone' },
  extensions: [],
  trunks: [
    {
      ...{ account, id: 'line', peer: `${way === 'udp' ? 'udp' : 'tcp'}:10.0.0.1:5060`, trusted: ['10.0.0.1'] },
      ...{ credentials: { username: 'sotto', password: 'pw' }, register: { expiresS: 600 } },
    },
  ],
})

const carrierSettings = (way: Way): UserAgentSettings => ({
  ...{ listen: [udp('10.0.0.3'), tcp('10.0.0.3')], realm: 'carrier', product: 'Carrier', extensions: [] },
  trunks: [{ account, id: 'line', peer: `${way === 'tcp' ? 'tcp' : 'udp'}:10.0.0.1:5060`, trusted: ['10.0.0.1'] }],
})

const line: InviteTarget = { kind: 'trunk', account, trunk: 'line', number: '9' }
const targets: readonly InviteTarget[] = [
  { kind: 'extension', account, number: '210' },
  { kind: 'trunk', account, trunk: 'pstn', number: '1' },
]

/** Phones ring on the server's behalf for a minute; a caller would wait much longer for an answer that was lost. */
const patience = (isServer: boolean) => (isServer ? {} : { ringTimeoutMs: 300_000 })

function play(world: World): void {
  const at = `seed ${world.seed}, ${world.way}`
  const { clock, dice, server, desk, toServer, others, serverHost } = worldOf(world)
  clock.run(5_000)
  for (let step = 0; step < 30; step++) {
    clock.run(dice.integer(2_500))
    if (dice.chance(0.12)) server.doom(dice.chance(0.5) ? 'unsaid' : 'said', 20 + dice.integer(700))
    const who = others[dice.integer(3)] ?? { party: desk, act: toServer }
    if (!dice.chance(0.35)) who.party.move(who.act)
    else {
      const session = who.party.newName()
      const to = (who.party === desk ? targets[dice.integer(2)] : undefined) ?? line
      who.party.live.set(session, 'early')
      who.act((agent) =>
        agent.invite(clock.now, { session, to, from: { user: '1' }, sdp: 'v=0\r\no\r\n', ...patience(who.party === desk) }),
      )
    }
  }
  clock.run(70_000)
  if (world.way !== 'udp') {
    // A BYE that lay unread in a connection when the process died is lost: silence of the audio has those above ask.
    for (const id of server.agent.sessions()) toServer((agent) => agent.probe(clock.now, id))
    clock.run(70_000)
  }
  const here = [...server.agent.sessions()]
  const there = others.flatMap(({ party }) => [...party.live.keys()])
  assert.equal(here.length, there.length, `${at}: ${here} here, ${there} there after ${server.lives} deaths`)
  assert.deepEqual(here.toSorted(), [...desk.live.keys()].toSorted(), `${at}: those above know who is there`)
  for (const id of here) toServer((agent) => agent.hangUp(clock.now, id))
  clock.run(320_000)
  for (const { party } of others) assert.deepEqual([...party.live.keys()], [], `${at}: ${party.name} is left in a call`)
  assert.deepEqual(server.agent.load, { sessions: 0, dialogs: 0, transactions: 0 }, at)
  if (world.weather === fair) noFaults(at, world.way, [serverHost, ...others.map(({ host }) => host)])
}

/** What a far end would call a fault: requests that come out of order or make no sense, and answers that are never acknowledged. */
function noFaults(at: string, way: Way, hosts: readonly Host[]): void {
  const [server, ...others] = hosts
  for (const host of others) {
    for (const message of said(host))
      if (message.kind === 'response') assert.ok(isOrdinary(message), `${at}: ${message.status} to our ${message.cseq.method}`)
    // A far end that answers on a connection that broke meanwhile, and on no other, has itself to blame.
    const unheard = way === 'udp' ? host.events.filter((event) => event.kind === 'ended' && event.reason === 'No ACK') : []
    assert.deepEqual(unheard, [], `${at}: an answer was never acknowledged`)
  }
  for (const message of said(server)) if (message.kind === 'response') assert.notEqual(message.status, 400, at)
}

/** RFC 3261 §14.2 allows 500 for two re-INVITEs that meet. */
const isOrdinary = ({ status, cseq }: Response): boolean =>
  ![400, 482, 500].includes(status) || (cseq.method === 'INVITE' && status === 500)

const said = (host: Host | undefined) =>
  (host?.sent ?? []).flatMap((bytes) => {
    const message = parse(bytes)
    return message.ok ? [message.value] : []
  })

for (const way of ['udp', 'tcp', 'behind-nat'] as const) {
  test(`the server dies and comes back in the middle of anything; phones over ${way} in fair weather`, () => {
    for (let seed = 1; seed <= 120 * thoroughness; seed++) play({ seed, way, weather: fair })
  })
}

test('and under loss, duplication and reordering', () => {
  for (let seed = 1; seed <= 150 * thoroughness; seed++) play({ seed, way: 'udp', weather: storm })
})
