/** What the network does to a call, by accident or on purpose: strangers' packets, garbage, a telephone that starts a new timeline, a lost connection. */
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, afterEach, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { readDescription } from '../../testkit/phone-sdp.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'
import { tone } from '../../testkit/voice.ts'

const centre = centreFor()
const sockets: Socket[] = []
const strangerTone = 2_200
let ben: Phone

before(async () => {
  await centre.open()
  ben = await centre.now.phone('106')
})
after(centre.close)
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await centre.now.quiet()
})

for (const host of ['127.0.0.1', '127.0.0.2']) {
  test(`a stranger at ${host} who speaks to the port of a call is heard by nobody and is sent nothing`, async () => {
    const { line: customer } = await centre.now.customer('+18661234568')
    await hear({ line: ben.line, hears: [outsideTone] })
    const stranger = await socketAt(host)
    const received: Buffer[] = []
    stranger.on('message', (packet) => received.push(packet))
    for (let n = 0; n < 50; n += 1) {
      stranger.send(voicePacket(n), portOf(ben.line), '127.0.0.1')
      assert.ok(!customer.heard.tones(100, [strangerTone]).includes(strangerTone), `packet ${n}`)
      await pause(20)
    }
    await hear({ line: customer, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
    assert.equal(received.length, 0)
  })
}

test('garbage at the port of a call disturbs nobody, and the media process lives', async () => {
  const { line: customer } = await centre.now.customer('+18661234568')
  const media = centre.now.sotto.pids('media')
  const sender = await socketAt('127.0.0.1')
  for (let n = 0; n < 400; n += 1) {
    const garbage = Uint8Array.from({ length: n % 200 }, (_, i) => (n * 7 + i * i) & 0xff)
    // Two of three claim to be RTP: with an extension that is not there, or with fifteen contributing sources.
    if (n % 3 > 0 && garbage.length > 0) garbage[0] = n % 3 === 1 ? 0x90 : 0x8f
    sender.send(garbage, portOf(ben.line) + (n % 2), '127.0.0.1')
  }
  await pause(200)
  await hear({ line: customer, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
  assert.deepEqual(centre.now.sotto.pids('media'), media)
})

test('a phone whose TCP connection breaks in a call keeps its audio, and learns of the end over its next connection', async () => {
  const { sip } = centre.now.sotto
  const mobile = await centre.now.phone('211', { transport: 'TCP' })
  const customer = await centre.now.trunk.call('+15554150211', { from: '+15550001111' })
  await customer.answered
  mobile.core.wire.close()
  await eventually('it counts as gone', async () =>
    (await centre.now.api.extensions()).some(({ number, registered }) => number === '211' && !registered),
  )
  await hear({ line: customer, hears: [toneOf(mobile)] })
  const heard: string[] = []
  const again = await Phone.start({ server: sip, ...reference.phone('211'), transport: 'TCP' })
  const { transactions } = again.core
  const receive = transactions.receive.bind(transactions)
  transactions.receive = (text, from) => {
    heard.push(text.slice(0, text.indexOf(' ')))
    receive(text, from)
  }
  await again.register()
  await customer.hangUp()
  await eventually('the BYE', () => heard.includes('BYE'))
  mobile.vanish()
  await again.stop()
})

/** Where the server hears this line. */
function portOf(line: Line): number {
  const port = readDescription(line.invite?.body ?? '')?.port
  assert.ok(port !== undefined, 'the server offered')
  return port
}

function voicePacket(n: number): Buffer {
  const packet = Buffer.alloc(172)
  packet.writeUInt16BE(0x8000, 0)
  packet.writeUInt16BE(n, 2)
  packet.writeUInt32BE(n * 160, 4)
  packet.writeUInt32BE(0x5eed, 8)
  packet.set(tone(strangerTone).frame(n, 'PCMU'), 12)
  return packet
}

async function socketAt(host: string): Promise<Socket> {
  const socket = createSocket('udp4')
  sockets.push(socket)
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}
