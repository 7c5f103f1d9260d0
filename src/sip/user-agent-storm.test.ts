import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Clock } from '../../testkit/clock.ts'
import type { Weather } from '../../testkit/network.ts'
import { Network } from '../../testkit/network.ts'
import { SeededRandom } from '../../testkit/random.ts'
import { account, hash, leg, pair, type Station, udp } from '../../testkit/sip-world.ts'
import type { LegId } from '../kernel/ids.ts'
import type { SipEvent, UserAgentSettings } from './door.ts'
import { UserAgent } from './user-agent.ts'

const storm: Weather = { loss: 0.15, duplication: 0.1, minDelayMs: 5, maxDelayMs: 120 }
const gale: Weather = { loss: 0.2, duplication: 0.2, minDelayMs: 1, maxDelayMs: 900 }

/** `SOTTO_THOROUGH=20` searches twenty times as long. */
const thoroughness = Number(process.env.SOTTO_THOROUGH ?? 1)

const invitation = {
  session: leg('near'),
  to: { kind: 'trunk', account, trunk: 'peer', number: '1' } as const,
  from: { user: '2' },
  sdp: 'v=0\r\no',
}

const count = (station: Station, kind: SipEvent['kind']) => station.host.events.filter((event) => event.kind === kind).length

/** After everything is over, neither end may remember anything or want to be woken. */
function atRest(world: { near: Station; far: Station; clock: { run(ms: number): void } }, seed: number): void {
  world.clock.run(300_000)
  for (const station of [world.near, world.far]) {
    assert.equal(station.agent.deadline(), undefined, `seed ${seed}: a deadline is left`)
    assert.deepEqual(station.agent.load, { sessions: 0, dialogs: 0, transactions: 0 }, `seed ${seed}`)
  }
}

/** Runs `story` under many seeds and both weathers. */
function stormy(name: string, seeds: number, story: (seed: number, weather: Weather) => void): void {
  test(`${name}, under loss, duplication and reordering`, () => {
    for (let seed = 1; seed <= seeds * thoroughness; seed++) story(seed, seed % 3 === 0 ? gale : storm)
  })
}

stormy('a call is set up and torn down: one offered, one answered, one ended at either end', 150, (seed, weather) => {
  const world = pair({
    seed,
    weather,
    far: (event, { agent, host }) => {
      if (event.kind !== 'offered') return
      host.carryOut(agent.ring(world.clock.now, event.session, { status: 180 }))
      world.clock.after(2_000, () => host.carryOut(agent.answer(world.clock.now, event.session, 'v=0\r\na')))
    },
  })
  const { near, far, clock } = world
  near.host.carryOut(near.agent.invite(clock.now, invitation))
  clock.run(35_000)
  if (count(near, 'ended') === 0) {
    assert.equal(count(near, 'answered'), 1, `seed ${seed}`)
    near.host.carryOut(near.agent.hangUp(clock.now, leg('near')))
  }
  atRest(world, seed)
  assert.ok(count(far, 'offered') <= 1 && count(near, 'answered') <= 1, `seed ${seed}`)
  assert.equal(count(near, 'ended'), 1, `seed ${seed}`)
  assert.equal(count(far, 'ended'), count(far, 'offered'), `seed ${seed}`)
})

stormy('hang-up meets answer: whichever wins, both ends agree that it is over', 150, (seed, weather) => {
  const world = pair({
    seed,
    weather,
    far: (event, { agent, host }) => {
      if (event.kind !== 'offered') return
      host.carryOut(agent.ring(world.clock.now, event.session, { status: 180 }))
      world.clock.after(1_000, () => host.carryOut(agent.answer(world.clock.now, event.session, 'v=0\r\na')))
    },
  })
  const { near, far, clock } = world
  near.host.carryOut(near.agent.invite(clock.now, invitation))
  clock.run(900 + (seed % 40) * 10)
  near.host.carryOut(near.agent.hangUp(clock.now, leg('near')))
  atRest(world, seed)
  assert.equal(count(near, 'ended'), 1, `seed ${seed}`)
  assert.equal(count(far, 'ended'), count(far, 'offered'), `seed ${seed}`)
})

stormy('both ends re-offer at the same time: both offers are answered in the end', 150, (seed, weather) => {
  let farLeg: LegId | undefined
  const answer = (event: SipEvent, { agent, host }: Station) => {
    if (event.kind === 'offered') {
      farLeg = event.session
      host.carryOut(agent.answer(world.clock.now, event.session, 'v=0\r\na'))
    }
    if (event.kind === 'remoteOffer') host.carryOut(agent.answerOffer(world.clock.now, event.session, `v=0\r\nto ${event.sdp}`))
  }
  const world = pair({ seed, weather, near: answer, far: answer })
  const { near, far, clock } = world
  near.host.carryOut(near.agent.invite(clock.now, invitation))
  clock.run(20_000)
  if (farLeg === undefined || count(near, 'answered') === 0 || count(near, 'ended') > 0) return atRest(world, seed)
  near.host.carryOut(near.agent.offer(clock.now, leg('near'), 'v=0\r\nnear'))
  far.host.carryOut(far.agent.offer(clock.now, farLeg, 'v=0\r\nfar'))
  clock.run(120_000)
  const settled = (station: Station) =>
    count(station, 'ended') > 0 || count(station, 'offerFailed') > 0 || count(station, 'remoteAnswer') > 0
  assert.ok(settled(near) && settled(far), `seed ${seed}: an offer was lost`)
  for (const [station, mine] of [
    [near, 'near'],
    [far, 'far'],
  ] as const)
    for (const event of station.host.events)
      if (event.kind === 'remoteAnswer') assert.equal(event.sdp, `v=0\r\nto v=0\r\n${mine}`, `seed ${seed}: the answer to another offer`)
  near.host.carryOut(near.agent.hangUp(clock.now, leg('near')))
  atRest(world, seed)
})

stormy('any mixture of moves ends in rest', 200, (seed, weather) => {
  const dice = new SeededRandom(seed * 7919)
  const legs: { near?: LegId; far?: LegId } = { near: leg('near') }
  const decide = (side: 'near' | 'far') => (event: SipEvent, station: Station) => {
    const { agent, host } = station
    const { now } = world.clock
    if (event.kind === 'offered') {
      legs[side] = event.session
      world.clock.after(dice.integer(3_000), () => host.carryOut(agent.ring(world.clock.now, event.session, { status: 180 })))
      const answers = dice.integer(4) > 0
      world.clock.after(dice.integer(6_000), () =>
        host.carryOut(
          answers ? agent.answer(world.clock.now, event.session, 'v=0\r\na') : agent.refuse(world.clock.now, event.session, 486),
        ),
      )
    }
    if (event.kind === 'answered' && event.sdpIs === 'offer') host.carryOut(agent.answerOffer(now, event.session, 'v=0\r\nlate'))
    if (event.kind === 'remoteOffer')
      world.clock.after(dice.integer(1_500), () =>
        host.carryOut(
          dice.chance(0.8)
            ? agent.answerOffer(world.clock.now, event.session, 'v=0\r\nok')
            : agent.refuseOffer(world.clock.now, event.session, 488),
        ),
      )
    if (event.kind === 'transferRequested') host.carryOut(agent.acceptTransfer(now, event.session, event.transferId))
  }
  const world = pair({ seed, weather, near: decide('near'), far: decide('far') })
  const { near, far, clock } = world
  const { sdp, ...unoffered } = invitation
  near.host.carryOut(near.agent.invite(clock.now, dice.chance(0.3) ? unoffered : { ...unoffered, sdp }))
  for (let step = 0; step < 25; step++) {
    clock.run(dice.integer(2_500))
    const [station, id] = dice.chance(0.5) ? [near, legs.near] : [far, legs.far]
    if (id === undefined) continue
    const { agent, host } = station
    const { now } = clock
    const move = dice.integer(12)
    if (move < 6) host.carryOut(agent.offer(now, id, `v=0\r\n${step}`))
    else if (move < 8) host.carryOut(agent.sendDtmf(now, id, '5', 100))
    else if (move < 10) host.carryOut(agent.probe(now, id))
    else if (move === 10 && step > 12) host.carryOut(agent.hangUp(now, id, { q850: 16 }))
  }
  if (legs.near !== undefined) near.host.carryOut(near.agent.hangUp(clock.now, legs.near))
  if (legs.far !== undefined) far.host.carryOut(far.agent.hangUp(clock.now, legs.far))
  atRest(world, seed)
  assert.equal(count(near, 'ended'), 1, `seed ${seed}`)
  assert.equal(count(far, 'ended'), count(far, 'offered'), `seed ${seed}`)
  for (const station of [near, far]) {
    const last = station.host.events.at(-1)
    assert.ok(last === undefined || last.kind === 'ended', `seed ${seed}: ${last?.kind} after the end`)
  }
})

test('lost: the first ACK, the first BYE, the first 200; the call is none the worse', () => {
  for (const victim of ['ACK ', 'BYE ', 'SIP/2.0 200']) {
    const world = pair({
      far: (event, { agent, host }) => {
        if (event.kind === 'offered') host.carryOut(agent.answer(world.clock.now, event.session, 'v=0\r\na'))
      },
    })
    let lost = 0
    world.network.judge = (bytes) => (lost === 0 && new TextDecoder().decode(bytes).startsWith(victim) && ++lost === 1 ? 'lose' : undefined)
    const { near, far, clock } = world
    near.host.carryOut(near.agent.invite(clock.now, invitation))
    clock.run(10_000)
    assert.deepEqual([count(near, 'answered'), count(far, 'confirmed')], [1, 1], victim)
    near.host.carryOut(near.agent.hangUp(clock.now, leg('near')))
    atRest(world, 0)
    assert.deepEqual([count(far, 'ended'), lost], [1, 1], victim)
  }
})

test('a phone registers by digest, calls and is called, through a storm', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const clock = new Clock()
    const random = new SeededRandom(seed)
    const network = new Network(clock, random, storm)
    const server: UserAgentSettings = {
      listen: [udp('10.0.0.1')],
      realm: 'sotto.test',
      product: 'Sotto',
      extensions: [{ account, number: '210', password: 'pw' }],
      trunks: [],
    }
    const phone: UserAgentSettings = {
      listen: [udp('10.0.0.2')],
      realm: 'phone.test',
      product: 'Phone',
      extensions: [],
      trunks: [
        {
          account,
          id: 'line',
          peer: 'udp:10.0.0.1:5060',
          trusted: ['10.0.0.1'],
          credentials: { username: '210', password: 'pw' },
          register: { expiresS: 600 },
        },
      ],
    }
    const [serverAgent, phoneAgent] = [server, phone].map((own) => new UserAgent(own, new SeededRandom(random.integer(2 ** 31)), hash))
    assert.ok(serverAgent !== undefined && phoneAgent !== undefined)
    const pick = (agent: UserAgent) => (event: SipEvent) => {
      if (event.kind === 'offered')
        clock.after(0, () => (agent === serverAgent ? serverHost : phoneHost).carryOut(agent.answer(clock.now, event.session, 'v=0\r\na')))
    }
    const serverHost = network.join(serverAgent, server.listen, pick(serverAgent))
    const phoneHost = network.join(phoneAgent, phone.listen, pick(phoneAgent))
    phoneHost.carryOut(phoneAgent.start(clock.now))
    clock.run(34_000)
    if (!serverHost.events.some((e) => e.kind === 'registered')) continue
    phoneHost.carryOut(
      phoneAgent.invite(clock.now, {
        session: leg('p'),
        to: { kind: 'trunk', account, trunk: 'line', number: '9' },
        from: { user: 'spoofed' },
        sdp: 'v=0',
      }),
    )
    serverHost.carryOut(
      serverAgent.invite(clock.now, {
        session: leg('s'),
        to: { kind: 'extension', account, number: '210' },
        from: { user: '9' },
        sdp: 'v=0',
      }),
    )
    clock.run(33_000)
    const offered = serverHost.events.find((e) => e.kind === 'offered')
    if (offered?.kind === 'offered')
      assert.deepEqual([offered.source, offered.from.number], [{ kind: 'extension', account, number: '210' }, '210'], `seed ${seed}`)
    for (const [host, name] of [
      [serverHost, 's'],
      [phoneHost, 'p'],
    ] as const)
      assert.ok(
        host.events.some((e) => (e.kind === 'answered' || e.kind === 'ended') && e.session === leg(name)),
        `seed ${seed} ${name}`,
      )
  }
})
