import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { account, EngineRig, udp } from '../../testkit/engine-rig.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { Trunk } from '../../testkit/trunk.ts'

const options = (port: number): string =>
  [
    'OPTIONS sip:[::1] SIP/2.0',
    `Via: SIP/2.0/UDP [::1]:${port};branch=z9hG4bK1;rport`,
    ...['From: <sip:a@[::1]>;tag=1', 'To: <sip:[::1]>', 'Call-ID: x', 'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', ''],
  ].join('\r\n')

test('over IPv6: answered on the socket that was asked', async (t) => {
  const rig = await EngineRig.start({ listen: [udp, { ...udp, address: '::1' }] })
  t.after(() => rig.stop())
  const phone = createSocket('udp6')
  t.after(() => phone.close())
  phone.bind(0, '::1')
  await once(phone, 'listening')
  const answer = once(phone, 'message')
  phone.send(options(phone.address().port), rig.portOf('UDP', '::1'), '::1')
  const [bytes, from] = await soon(answer, 'answer')
  assert.match(String(bytes), /^SIP\/2\.0 200 /)
  assert.equal(from.port, rig.portOf('UDP', '::1'))
})

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

test('a trusted trunk calls in without a password, and is called out through; its state is told', async (t) => {
  const port = await freePort()
  const peer = `udp:127.0.0.1:${port}`
  const rig = await EngineRig.start({ trunks: [{ account, id: 'pstn', peer, trusted: [`127.0.0.1:${port}`], optionsEveryMs: 60_000 }] })
  t.after(() => rig.stop())
  const server = { host: '127.0.0.1', port: rig.portOf('UDP') }
  const trunk = await Trunk.start({ server, listen: { host: '127.0.0.1', port }, tone: 850 })
  t.after(() => trunk.stop())
  await rig.desk.seen('trunk', ({ up }) => up)
  const ann = await rig.phone('210', { tone: 400, autoAnswer: true })

  const inbound = await trunk.call('210', { from: '+442071838750' })
  await soon(inbound.answered, 'answer')
  const offered = await rig.desk.seen('leg-offered')
  assert.deepEqual([offered.source, offered.from.number], [{ kind: 'trunk', account, trunk: 'pstn' }, '+442071838750'])
  const answered = await soon(ann.next('answered'), 'answer')
  assert.equal(answered.number, '+442071838750')
  await eventually('each hears the other', () => String(answered.heard.tones(60)) === '850' && String(inbound.heard.tones(60)) === '400')
  await inbound.hangUp()
  await soon(answered.ended, 'end')

  const outbound = await ann.call('+18661234568')
  await soon(outbound.answered, 'answer')
  await eventually('the customer is heard', () => String(outbound.heard.tones(60)) === '850')
  await outbound.hangUp()
})
