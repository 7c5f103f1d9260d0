/** Phones whose signalling is encrypted and whose audio is SRTP, in calls with plain ones; and phones that live in a browser's WebSocket. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { missing } from '../../testkit/programs.ts'
import { Baresip } from '../../testkit/softphones/baresip.ts'
import { Linphone } from '../../testkit/softphones/linphone.ts'
import { OwnPhone, untilInCall } from '../../testkit/softphones/own.ts'
import type { StartSoftphone } from '../../testkit/softphones/softphone.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'
import { TlsTap } from '../../testkit/tls-tap.ts'
import { ears, Stage, strike, tones, wishes } from './scenario.ts'

const stage: { now?: Stage } = {}
const on = (): Stage => {
  assert.ok(stage.now !== undefined, 'the stage was not set')
  return stage.now
}

before(async () => {
  const sotto = await startSotto({ also: ['tls', 'ws', 'wss'] })
  stage.now = new Stage(sotto)
  const customer = { server: sotto.sip, user: '+442071838750', tone: tones.customer, port: sotto.trunkPort }
  on().phones.set('customer', await OwnPhone.start(customer))
})
after(() => strike(stage.now))

const transports = { tls: 'TLS', ws: 'WS', wss: 'WSS' } as const
type Encrypted = keyof typeof transports

const listenerOf = (sotto: Sotto, transport: Encrypted) => {
  const server = sotto.listeners[transport]
  assert.ok(server !== undefined)
  return server
}

/** The agent, or both who work here, on such a phone; the customer stays on a plain trunk. */
async function onStage(start: StartSoftphone, act: () => Promise<void>): Promise<void> {
  const { phones, sotto } = on()
  const tap = await TlsTap.open(listenerOf(sotto, 'tls'))
  const secure = { server: tap.peer, secure: true }
  const starting = [
    start({ ...secure, ...reference.phone('106'), tone: tones.agent }).then((phone) => phones.set('agent', phone)),
    start({ ...secure, ...reference.phone('101'), tone: tones.supervisor }).then((phone) => phones.set('supervisor', phone)),
  ]
  try {
    await Promise.all(starting)
    await act()
    const { audio } = tap
    assert.ok(audio.length >= 8, `${audio.length} descriptions: an offer and an answer for each leg of two calls`)
    for (const line of audio) assert.match(line, /^m=audio [1-9]\d* RTP\/SAVP [\s\S]*^a=crypto:\d+ AES_CM_128_HMAC_SHA1_\d0 inline:/m)
  } finally {
    await Promise.allSettled(starting)
    for (const who of ['agent', 'supervisor'] as const) {
      await phones.get(who)?.stop()
      phones.delete(who)
    }
    tap.close()
  }
}

async function everyModeBothWays(): Promise<void> {
  await on().connect()
  const { id } = await on().supervise('101', 'monitor')
  await on().hear(ears.monitor)
  for (const name of ['whisper', 'private', 'barge'] as const) {
    await on().api.change(id, wishes[name])
    await on().hear(ears[name])
  }
  await on().end()
  await on().connect(() => on().phone('agent').call('+442071838750'))
  await on().supervise('101', 'whisper')
  await on().hear(ears.whisper)
  await on().end()
}

test('baresip over TLS with SRTP as agent and supervisor, the customer on a plain trunk', { skip: missing('baresip') }, async () => {
  await onStage(Baresip.start, async () => {
    await everyModeBothWays()
    for (const who of ['agent', 'supervisor'] as const) {
      const phone = on().phone(who)
      assert.ok(phone instanceof Baresip)
      assert.match(phone.log, /SRTP is Enabled \(cryptosuite=AES_CM_128_HMAC_SHA1_80\)/, `the ${who}'s audio was encrypted`)
    }
  })
})

test('linphone over TLS with SRTP as agent and supervisor', { skip: missing('linphonec') }, async () => {
  await onStage(Linphone.start, everyModeBothWays)
})

/** A phone of our own that can do TLS and WebSocket, but no SRTP. */
async function plainAudio(transport: Encrypted, extension: string, tone: number): Promise<Phone> {
  const server = listenerOf(on().sotto, transport)
  const phone = await Phone.start({ server, transport: transports[transport], ...reference.phone(extension), tone, autoAnswer: true })
  await phone.register()
  return phone
}

for (const transport of ['ws', 'wss', 'tls'] as const) {
  test(`a phone that has nothing but its ${transport} connection is called on it, calls on it, and hangs up`, async () => {
    const phone = await plainAudio(transport, '210', tones.agent)
    const { sotto } = on()
    const desk = await OwnPhone.start({ server: sotto.sip, ...reference.phone('211'), tone: tones.second })
    try {
      await desk.call('210')
      const called = await phone.next('answered')
      await hearEachOther(called, desk)
      await called.hangUp()
      await untilInCall(desk, false)
      const calling = await phone.call('211')
      await soon(calling.answered, 'the desk answers')
      await hearEachOther(calling, desk)
      await desk.hangUp()
      assert.equal((await soon(calling.ended, 'the end')).by, 'them')
    } finally {
      await Promise.all([phone, desk].map((one) => one.stop()))
    }
    await eventually('210 is not registered any more', () => isUnregistered('210'))
  })
}

async function hearEachOther(line: Line, desk: OwnPhone): Promise<void> {
  const ears = async () => `${line.heard.tones()} ${await desk.tones()}`
  await eventually('both hear each other', async () => (await ears()) === `${tones.second} ${tones.agent}`, 2_000)
}

test('a browser whose connection breaks is no longer registered at once, and its call ends when its audio has been missed', async () => {
  const phone = await plainAudio('ws', '210', tones.agent)
  const { sotto } = on()
  const desk = await OwnPhone.start({ server: sotto.sip, ...reference.phone('211'), tone: tones.second })
  try {
    await desk.call('210')
    const { line } = desk.phone
    await hearEachOther(await phone.next('answered'), desk)
    phone.vanish()
    await eventually('210 is not registered any more', () => isUnregistered('210'))
    await soon(line.ended, 'the other side is let go', 30_000)
    assert.equal((await soon((await desk.phone.call('210')).ended, 'the next call')).status, 480)
  } finally {
    await Promise.all([phone, desk].map((one) => one.stop()))
  }
})

const isUnregistered = async (extension: string) => (await on().sotto.api.extensions()).some((e) => e.number === extension && !e.registered)
