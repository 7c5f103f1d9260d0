/** The real process over loopback: sockets, clock and control protocol as in production; only the phones are the test's. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { after, before, describe, test } from 'node:test'
import { toneOf, toneSamples } from '../../testkit/ear.ts'
import { LoopbackPhone } from '../../testkit/loopback-phone.ts'
import { type MediaChild, MediaControl, startMediaChild } from '../../testkit/media-control.ts'
import { type BridgeId, bridgeId, legId } from '../kernel/ids.ts'
import { encode } from '../media/g711.ts'
import type { Row } from '../media/protocol.ts'
import { RtpHeader, rtpHeaderBytes } from '../media/rtp.ts'

const names = ['customer', 'agent', 'supervisor', 'peer'] as const
type Name = (typeof names)[number]
const patienceMs = 3_000

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Call {
  readonly bridge: BridgeId
  readonly phones: Readonly<Record<Name, LoopbackPhone>>
}

async function openCall(control: MediaControl, name: string): Promise<Call> {
  const phones: Partial<Record<Name, LoopbackPhone>> = {}
  for (const [speaker, role] of names.entries()) {
    const phone = await LoopbackPhone.open(legId(`${name}-${role}`), speaker)
    const local = await control.openLeg(phone.leg, { voice: role === 'supervisor' || role === 'peer' ? 'supervisor' : 'core' })
    control.send({ kind: 'set-leg', leg: phone.leg, media: phone.media })
    phone.speakTo(local.port)
    phones[role] = phone
  }
  return { bridge: bridgeId(name), phones: phones as Record<Name, LoopbackPhone> }
}

/** What each party hears, as the table in the architecture says it; `music` is the hold music. */
type Expected = Readonly<Partial<Record<Name, readonly (Name | 'music')[]>>>

function rowsOf(call: Call, expected: Expected): Row[] {
  return names.flatMap((name) => {
    const heard = expected[name]
    if (heard === undefined) return []
    const talkers = heard.filter((talker) => talker !== 'music').map((talker) => call.phones[talker].leg)
    return [{ listener: call.phones[name].leg, talkers, ...(heard.includes('music') ? { source: 'hold-music' as const } : {}) }]
  })
}

async function rewire(control: MediaControl, call: Call, revision: number, expected: Expected): Promise<void> {
  const done = control.next('rewired', (event) => event.bridge === call.bridge && event.revision === revision)
  control.send({ kind: 'rewire', bridge: call.bridge, account: 'acme', revision, rows: rowsOf(call, expected) })
  await done
}

/** Patient, because the machine may be busy: it has to come true, and still be true a moment later. */
async function assertHears(call: Call, expected: Expected): Promise<void> {
  const until = Date.now() + patienceMs
  while (Date.now() < until && !hears(call, expected)) await wait(20)
  await wait(100)
  while (Date.now() < until && !hears(call, expected)) await wait(20)
  for (const name of names)
    if (!hearsAs(call, expected, name)) assert.deepEqual(call.phones[name].ear.heard, tonesFor(call, expected, name), name)
}

const hears = (call: Call, expected: Expected): boolean => names.every((name) => hearsAs(call, expected, name))

const tonesFor = (call: Call, expected: Expected, name: Name): number[] =>
  (expected[name] ?? []).map((talker) => call.phones[talker as Name].hertz).toSorted((one, other) => one - other)

/** Music is many tones; it is told from silence elsewhere, not by pitch. */
function hearsAs(call: Call, expected: Expected, name: Name): boolean {
  return expected[name]?.includes('music') || String(call.phones[name].ear.heard) === String(tonesFor(call, expected, name))
}

const closeCall = (call: Call): void => names.forEach((name) => void call.phones[name].close())

describe('the hearing table, row by row, on real sockets', () => {
  let child: MediaChild
  let control: MediaControl
  let call: Call
  let revision = 0

  before(async () => {
    child = await startMediaChild({ ports: '11000-11199' })
    control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
    call = await openCall(control, 'table')
  })

  after(async () => {
    closeCall(call)
    control.close()
    await child.stop()
  })

  const table: [string, Expected][] = [
    ['no row at all: nobody hears anybody', {}],
    ['none', { agent: ['customer'], customer: ['agent'] }],
    ['ringing supervisor', { agent: ['customer'], customer: ['agent'], supervisor: [] }],
    ['monitor', { supervisor: ['agent', 'customer'], agent: ['customer'], customer: ['agent'] }],
    ['whisper', { supervisor: ['agent', 'customer'], agent: ['customer', 'supervisor'], customer: ['agent'] }],
    ['whisper, private', { agent: ['customer', 'supervisor'], customer: ['agent'] }],
    ['whisper to customer', { supervisor: ['agent', 'customer'], agent: ['customer'], customer: ['agent', 'supervisor'] }],
    ['barge', { supervisor: ['agent', 'customer'], agent: ['customer', 'supervisor'], customer: ['agent', 'supervisor'] }],
    [
      'barge under another supervisor’s ear',
      {
        supervisor: ['agent', 'customer'],
        agent: ['customer', 'supervisor'],
        customer: ['agent', 'supervisor'],
        peer: ['agent', 'customer', 'supervisor'],
      },
    ],
    [
      'whisper that another supervisor does not hear',
      { agent: ['customer', 'supervisor'], customer: ['agent'], peer: ['agent', 'customer'] },
    ],
    ['take-over', { supervisor: ['customer'], customer: ['supervisor'] }],
    ['customer on hold, supervisor whispering', { supervisor: ['agent'], agent: ['supervisor'], customer: ['music'] }],
    ['back to none', { agent: ['customer'], customer: ['agent'] }],
  ]
  for (const [name, expected] of table) {
    test(name, async () => {
      await rewire(control, call, ++revision, expected)
      await assertHears(call, expected)
    })
  }

  test('sample levels and counts are measured while they speak', async () => {
    const measured = control.next('measured')
    control.send({ kind: 'measure', bridge: call.bridge, request: 5 })
    const legs = (await measured).legs
    assert.equal(legs.length, 2)
    assert.ok(legs.every((leg) => leg.levelDbov !== null && leg.levelDbov > -30 && leg.packetsReceived > 50))
  })

  test('a stranger who sends to a leg’s port is neither heard nor answered', async () => {
    const stranger = createSocket('udp4')
    let answers = 0
    stranger.on('message', () => answers++)
    const inventory = control.next('inventory')
    control.send({ kind: 'list' })
    const port = (await inventory).legs.find((leg) => leg.leg === call.phones.customer.leg)?.local.port ?? 0
    const packet = new Uint8Array(rtpHeaderBytes + 160)
    for (let sequence = 0; sequence < 30; sequence++) {
      Object.assign(new RtpHeader(), { payloadType: 0, sequence, timestamp: sequence * 160, ssrc: 6 }).write(packet)
      packet.set(encode('PCMU', toneSamples(toneOf(3), sequence * 160, 160)), rtpHeaderBytes)
      stranger.send(packet, port, '127.0.0.1')
      await wait(5)
      assert.ok(!call.phones.agent.ear.heard.includes(toneOf(3)))
    }
    stranger.close()
    assert.equal(answers, 0)
  })

  test('IPv6 legs speak with IPv4 legs', async () => {
    const six = await LoopbackPhone.open(legId('six'), 3, '::1')
    const local = await control.openLeg(six.leg, { family: 6 })
    control.send({
      kind: 'set-leg',
      leg: six.leg,
      media: { ...six.media, remote: { address: '0:0:0:0:0:0:0:1', port: six.media.remote.port } },
    })
    six.speakTo(local.port)
    const rows = [
      { listener: six.leg, talkers: [call.phones.agent.leg] },
      { listener: call.phones.agent.leg, talkers: [six.leg] },
    ]
    control.send({ kind: 'rewire', bridge: call.bridge, account: 'acme', revision: ++revision, rows })
    const both = (): boolean => six.ear.heard.length > 0 && String(call.phones.agent.ear.heard) === String([six.hertz])
    for (let tries = 0; tries < 100 && !both(); tries++) await wait(20)
    assert.deepEqual([six.ear.heard, call.phones.agent.ear.heard], [[call.phones.agent.hertz], [six.hertz]])
    control.send({ kind: 'close-leg', leg: six.leg })
    six.close()
  })
})

describe('control dies, comes back, is taken over', () => {
  test('audio goes on without control; after the lease the supervisor’s voice is cut, the call’s is not; a new epoch takes over', async () => {
    const child = await startMediaChild({ ports: '11200-11299' })
    const first = await MediaControl.connect(child.socketPath)
    await first.hello(1, 1_500)
    const call = await openCall(first, 'lease')
    const whisper: Expected = { supervisor: ['agent', 'customer'], agent: ['customer', 'supervisor'], customer: ['agent'] }
    await rewire(first, call, 1, whisper)
    await assertHears(call, whisper)
    first.send({ kind: 'renew' })
    first.close()
    await wait(250)
    await assertHears(call, whisper)
    await wait(1_500)
    await assertHears(call, { ...whisper, agent: ['customer'] })

    const second = await MediaControl.connect(child.socketPath)
    assert.equal((await second.hello(2)).fenced, false)
    const inventory = second.next('inventory')
    second.send({ kind: 'list' })
    const { legs, bridges } = await inventory
    assert.deepEqual(legs.map((leg) => leg.leg).toSorted(), names.map((name) => call.phones[name].leg).toSorted())
    assert.deepEqual(bridges, [{ bridge: call.bridge, account: 'acme', revision: 1, rows: rowsOf(call, whisper) }])
    await rewire(second, call, 1, whisper)
    await assertHears(call, whisper)

    const late = await MediaControl.connect(child.socketPath)
    assert.equal((await late.hello(1)).fenced, true)
    const fenced = late.next('welcome')
    late.send({ kind: 'close-bridge', bridge: call.bridge })
    assert.equal((await fenced).fenced, true)
    await wait(100)
    await assertHears(call, whisper)
    late.close()
    closeCall(call)
    second.close()
    await child.stop()
  })

  test('garbage on the control socket is survived', async () => {
    const child = await startMediaChild({ ports: '11300-11399' })
    const control = await MediaControl.connect(child.socketPath)
    control.raw('\n\n{"kind":"rewire"}\nnot json\n{"kind":"hello","epoch":"x"}\n[]\n\u0000\n')
    assert.equal((await control.hello(3)).fenced, false)
    control.close()
    await child.stop()
  })

  test('addresses that lead nowhere harm nobody', async () => {
    const child = await startMediaChild({ ports: '11500-11599' })
    const control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
    const phone = await LoopbackPhone.open(legId('well'), 0)
    phone.speakTo((await control.openLeg(phone.leg)).port)
    control.send({ kind: 'set-leg', leg: phone.leg, media: phone.media })
    await control.openLeg(legId('ill'))
    const ill = (address: string, port: number, rtcp = port): void =>
      control.send({
        kind: 'set-leg',
        leg: legId('ill'),
        media: { ...phone.media, rtcpMux: false, remote: { address, port }, remoteRtcp: { address, port: rtcp } },
      })
    for (const address of ['0.0.0.0', '255.255.255.255', '127.0.0.1']) for (const port of [0, 1, 65_535]) ill(address, port, 0)
    const failed = control.next('leg-failed')
    ill('999.1.1.1', 4_000)
    assert.match((await failed).why, /no IP address/)
    const before = phone.packets
    for (let tries = 0; tries < 100 && phone.packets <= before + 10; tries++) await wait(20)
    assert.ok(phone.packets > before + 10)
    phone.close()
    control.close()
    await child.stop()
  })

  test('a thousand legs are opened and closed: ports come back after their rest, refusals name the cause, nothing is left', async () => {
    const child = await startMediaChild({ ports: '10000-10999' })
    const control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
    const open = (n: number) => ({ kind: 'open-leg', leg: legId(`n${n}`), account: 'acme', voice: 'core', family: 4 }) as const
    for (let round = 0; round < 2; round++) {
      const last = control.next('leg-opened', (event) => event.leg === legId('n499'))
      control.send(...Array.from({ length: 500 }, (_, n) => open(n)))
      await last
      const failed = control.next('leg-failed')
      control.send(open(500))
      assert.equal((await failed).why, 'no port left')
      control.send(...Array.from({ length: 500 }, (_, n) => ({ kind: 'close-leg', leg: legId(`n${n}`) }) as const))
      const still = control.next('leg-failed')
      control.send(open(501))
      assert.equal((await still).why, 'no port left')
      if (round === 0) await wait(5_100)
    }
    const inventory = control.next('inventory')
    control.send({ kind: 'list' })
    assert.deepEqual((await inventory).legs, [])
    control.close()
    await child.stop()
  })

  test('SIGTERM says goodbye on every leg and ends the process', async () => {
    const child = await startMediaChild({ ports: '11400-11499' })
    const control = await MediaControl.connect(child.socketPath)
    await control.hello(1)
    const phone = await LoopbackPhone.open(legId('bye'), 0)
    const goodbye = new Promise<boolean>((resolve) => {
      phone.socket.on('message', (packet) => {
        if (packet[1] === 200 || packet[1] === 201) resolve(packet.includes(203))
      })
    })
    phone.speakTo((await control.openLeg(phone.leg)).port)
    control.send({ kind: 'set-leg', leg: phone.leg, media: phone.media })
    await wait(200)
    const ended = child.stop()
    assert.equal(await goodbye, true)
    await ended
    phone.close()
    control.close()
  })
})
