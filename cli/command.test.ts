/** What is typed, and what is printed. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { describe, test } from 'node:test'
import { Asked, helpOf, parse } from './command.ts'
import { commands } from './commands.ts'
import { descendsFrom, inodesIn } from './doctor/holders.ts'
import { compared, kindOf } from './doctor/network.ts'
import { answerTo, seenBy } from './doctor/stun.ts'
import { exits, Failure } from './exits.ts'
import { matrixText } from './hearing.ts'
import { clean, durationOf, meterOf, tableOf } from './text.ts'
import type { CallView, HearingView } from './views.ts'
import { eventText } from './watch.ts'

const named = (name: string) => {
  const command = commands.find((one) => one.name === name)
  assert.ok(command)
  return command
}
const asked = (name: string, args: readonly string[], environment = {}) =>
  new Asked(parse(named(name), args), { streams: process, environment })
const usage = (pattern: RegExp) => (error: unknown) => error instanceof Failure && error.exit === exits.usage && pattern.test(error.message)

describe('arguments', () => {
  test('options stand anywhere; flags, texts and numbers', () => {
    const listen = asked('listen', ['--seconds', '2.5', 'c1', '--out=-', '--raw', '--json'])
    assert.deepEqual([listen.arg(0), listen.text('out'), listen.is('raw'), listen.out.isJson], ['c1', '-', true, true])
    assert.equal(listen.number('seconds', { min: 0.1, max: 10 }), 2.5)
    assert.throws(() => listen.number('seconds', { min: 3, max: 10 }), usage(/--seconds is a number from 3 to 10/))
    assert.throws(() => asked('listen', ['c1', '--seconds', 'soon']).number('seconds', { min: 0, max: 9 }), usage(/number/))
    assert.throws(() => asked('calls', ['--state', 'gone']).choice('state', ['active']), usage(/--state is one of active/))
  })

  test('too few, too many and unknown ones are refused', () => {
    assert.throws(() => asked('listen', []), usage(/^CALL is missing: sotto listen CALL/))
    assert.throws(() => asked('listen', ['a', 'b']), usage(/“b” is too much/))
    assert.throws(() => asked('listen', ['a', '--loud']), usage(/Unknown option '--loud'/))
    assert.throws(() => asked('listen', ['a', '--out']), usage(/out/))
  })

  test('where the server is, and by which key', () => {
    assert.equal(asked('calls', []).url, 'http://127.0.0.1:8080')
    assert.equal(asked('calls', [], { SOTTO_URL: 'https://sotto.example/sotto/v1/' }).url, 'https://sotto.example')
    assert.equal(asked('calls', ['--url', 'http://h:1/below/'], { SOTTO_URL: 'http://other' }).url, 'http://h:1/below')
    assert.throws(() => asked('calls', ['--url', 'h:8080']).url, usage(/is no URL/))
    assert.equal(asked('calls', [], { SOTTO_KEY: 'k' }).api().place.key, 'k')
    assert.equal(asked('calls', ['--key', 'mine'], { SOTTO_KEY: 'k' }).api().place.key, 'mine')
    assert.equal(asked('calls', []).api().place.key, 'sk_demo_supervisor')
    assert.throws(
      () => asked('calls', ['--url', 'https://sotto.example']).api(),
      usage(/--key/),
      'the key of the demonstration goes nowhere else',
    )
  })

  for (const command of commands)
    test(`${command.name} --help has an example and every option`, () => {
      const help = helpOf(command)
      assert.equal(parse(command, ['--help']).values.help, true)
      assert.ok(command.examples.length > 0 && command.examples.every((example) => example.includes(`sotto ${command.name}`)))
      for (const option of [...command.options.map(({ name }) => name), 'json']) assert.match(help, new RegExp(`--${option}\\b`))
      assert.equal(/--url/.test(help), command.isRemote)
    })
})

describe('words', () => {
  test('a name can do nothing to the screen', () => {
    assert.equal(clean('Ada\u001b[2J\u202eBob\n\u0007'), 'Ada·[2J·Bob··')
    assert.equal(clean('Zoë Ωmega 李'), 'Zoë Ωmega 李')
  })

  test('columns are as wide as they must be, and end where the screen does', () => {
    const rows = [
      ['A', 'B'],
      ['long one', 'x'],
      ['', 'yy'],
    ]
    assert.deepEqual(tableOf(rows, { columns: 80 }), ['A         B', 'long one  x', '          yy'])
    assert.deepEqual(tableOf(rows, { columns: 6 }), ['A    …', 'long …', '     …'])
  })

  test('durations and levels', () => {
    assert.deepEqual([0, 59_999, 61_000, 3_723_000, -5].map(durationOf), ['0:00', '0:59', '1:01', '1:02:03', '0:00'])
    assert.deepEqual([-120, -60, -30, 0].map(meterOf), ['▯▯▯▯▯▯▯▯▯▯', '▯▯▯▯▯▯▯▯▯▯', '▮▮▮▮▮▯▯▯▯▯', '▮▮▮▮▮▮▮▮▮▮'])
  })
})

const party = (id: string, role: 'agent' | 'customer' | 'supervisor', name: string) =>
  ({ id, role, name, state: 'talking', muted: false }) as const
const call: CallView = {
  ...{ id: 'c1', revision: 3, state: 'active', ani: '+44', dnis: '810', startedAt: '2026-11-20T10:00:00Z', recording: { state: 'off' } },
  parties: [party('p1', 'customer', 'Cy'), party('p2', 'agent', 'Ada'), party('p3', 'supervisor', 'Sue')],
  supervisions: [{ id: 's1', callId: 'c1', partyId: 'p3', mode: 'whisper', target: 'agent', state: 'active' }],
}
const matrix: HearingView = {
  ...{ callId: 'c1', revision: 3, appliedRevision: 3, appliedAt: '2026-11-20T10:00:05.000Z' },
  pairs: [
    { listener: 'p1', talker: 'p2', levelDbov: -15.4 },
    { listener: 'p2', talker: 'p1', levelDbov: null },
    { listener: 'p2', talker: 'p3', levelDbov: -20 },
    { listener: 'p3', talker: 'p1', levelDbov: null },
    { listener: 'p3', talker: 'p2', levelDbov: -15.4 },
  ],
}

describe('the matrix', () => {
  test('who hears whom, how loud, and who does not', () => {
    assert.deepEqual(matrixText(call, matrix, { columns: 200 }), [
      'c1: confirmed, since 10:00:05 UTC',
      'hears →  Cy (customer)  Ada (agent)   Sue (supervisor)',
      'Cy       ·              hears -15 dB  –',
      'Ada      hears          ·             hears -20 dB',
      'Sue      hears          hears -15 dB  ·',
      'Sue: whisper to agent',
    ])
  })

  test('nothing is known before the mixer has confirmed it', () => {
    const text = matrixText(call, { ...matrix, appliedRevision: 2 }, { columns: 200 })
    assert.match(text[0] ?? '', /unknown; the mixer has confirmed revision 2, and 3 is the latest/)
    assert.equal(text.join('\n').includes('hears -15'), false)
    assert.equal(text.join('\n').split('unknown').length - 1, 7)
  })
})

test('an event is one line', () => {
  const event = {
    id: 'e',
    type: 'party.joined',
    at: '2026-11-20T10:00:07.123Z',
    callId: 'c1',
    call,
    data: { party: 'p2', role: 'agent', deep: {} },
  }
  assert.equal(eventText(event), '10:00:07  party.joined  c1  +44 → 810  Ada  role=agent')
})

describe('doctor', () => {
  test('asks a STUN server where it is seen, and believes nobody else', async () => {
    const server = createSocket('udp4')
    server.on('message', (request, from) => {
      const id = request.subarray(8, 20)
      const answer = Buffer.alloc(32)
      answer.writeUInt16BE(0x0101, 0)
      answer.writeUInt16BE(12, 2)
      answer.writeUInt32BE(0x2112_a442, 4)
      id.copy(answer, 8)
      answer.writeUInt16BE(0x0020, 20)
      answer.writeUInt16BE(8, 22)
      answer[25] = 1
      answer.writeUInt16BE(from.port ^ 0x2112, 26)
      for (const [at, byte] of [203, 0, 113, 7].entries()) answer[28 + at] = byte ^ ([0x21, 0x12, 0xa4, 0x42][at] ?? 0)
      server.send(Buffer.from('no answer'), from.port, from.address)
      server.send(answer, from.port, from.address)
      assert.equal(answerTo(randomBytes(12), answer), undefined, 'of another question')
    })
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
    const seen = await seenBy('127.0.0.1', server.address().port)
    server.close()
    assert.equal(seen?.address, '203.0.113.7')
    assert.equal(compared('stun:x', '203.0.113.7', ['192.168.1.2']).state, 'warn')
    assert.match(compared('stun:x', '203.0.113.7', ['192.168.1.2']).todo ?? '', /media\.advertise` to 203\.0\.113\.7/)
    for (const told of [['203.0.113.7'], ['127.0.0.1'], ['2001:db8::1']]) assert.equal(compared('stun:x', '203.0.113.7', told).state, 'ok')
  })

  test('knows kinds of addresses', () => {
    assert.deepEqual(['127.0.0.9', '::1', '10.1.2.3', '172.31.0.1', '100.64.0.1', 'fd00::1', '203.0.113.7', '172.32.0.1'].map(kindOf), [
      ...['loopback', 'loopback', 'private', 'private', 'private', 'private', 'public', 'public'],
    ])
  })

  test('reads the tables of the kernel', () => {
    const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
    const listening = '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 x'
    const connected = '   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4343 1 x'
    assert.deepEqual(inodesIn([head, listening, connected], 'tcp', 8080), ['4242'])
    assert.deepEqual(inodesIn([head, listening, connected], 'udp', 8080), ['4242', '4343'])
    assert.deepEqual(inodesIn([head, listening], 'tcp', 8081), [])
    assert.equal(descendsFrom(process.pid, process.ppid), process.platform === 'linux')
    assert.equal(descendsFrom(process.ppid, process.pid), false)
  })
})
