import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, phoneFlow, reply, stream } from '../../testkit/sip-rig.ts'
import { instant } from '../kernel/time.ts'
import { respondTo } from './compose.ts'
import type { Flow } from './door.ts'
import type { Message, Request, Response } from './message.ts'
import { Outbox } from './outbox.ts'
import { parse } from './parser.ts'
import { client, inviteClient, inviteServer, type Machine, server, T1, type TransactionState } from './transaction.ts'
import { Transactions } from './transactions.ts'

const read = (text: string): Message => {
  const parsed = parse(new TextEncoder().encode(text))
  if (!parsed.ok) throw new Error(parsed.error.why)
  return parsed.value
}
const requestOf = (method: string): Request => {
  const message = read(compose({ method, uri: 'sip:211@sotto.test', branch: `z9hG4bK${method}` }))
  if (message.kind !== 'request') throw new Error('a request')
  return message
}
const responseTo = (request: Request, status: number): Response => {
  const message = read(reply(request, status))
  if (message.kind !== 'response') throw new Error('a response')
  return message
}

/** Runs until nothing is left to do; returns when, after the start, bytes were sent. */
function times(run: Transactions<string>, outbox: Outbox): { sentMs: readonly number[]; reports: readonly string[]; endMs: number } {
  const sentMs: number[] = []
  const reports: string[] = []
  let endMs = 0
  for (let due = run.deadline(); due !== undefined; due = run.deadline()) {
    for (const report of run.wake(due)) reports.push(report.kind)
    for (const output of outbox.take()) if (output.kind === 'send') sentMs.push(due)
    endMs = due
  }
  return { sentMs, reports, endMs }
}

function started(method: string, flow: Flow = phoneFlow) {
  const outbox = new Outbox()
  const run = new Transactions<string>(outbox)
  const request = requestOf(method)
  run.open(instant(0), request, { flow, owner: 'us' })
  outbox.take()
  return { outbox, run, request }
}

test('timers A and B: an INVITE is repeated at 0.5, 1.5, 3.5 … s and fails at 32 s (§17.1.1.2)', () => {
  const { run, outbox } = started('INVITE')
  const { sentMs, reports, endMs } = times(run, outbox)
  assert.deepEqual(sentMs, [500, 1500, 3500, 7500, 15_500, 31_500])
  assert.deepEqual([reports, endMs, run.size], [['timeout'], 64 * T1, 0])
})

test('timers E and F: other requests are repeated no rarer than every 4 s (§17.1.2.2)', () => {
  const { run, outbox } = started('OPTIONS')
  const { sentMs, reports } = times(run, outbox)
  assert.deepEqual(sentMs, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
  assert.deepEqual(reports, ['timeout'])
})

test('timer E in Proceeding: every T2 (§17.1.2.2)', () => {
  const { run, outbox, request } = started('OPTIONS')
  run.response(instant(100), responseTo(request, 100))
  assert.deepEqual(times(run, outbox).sentMs.slice(0, 3), [500, 4_500, 8_500])
})

test('over a connection nothing is repeated, and nothing lingers after a final response (timers D, K = 0)', () => {
  for (const method of ['INVITE', 'OPTIONS']) {
    const silent = started(method, stream('c'))
    assert.deepEqual(times(silent.run, silent.outbox), { sentMs: [], reports: ['timeout'], endMs: 64 * T1 })
    const answered = started(method, stream('c'))
    answered.run.response(instant(1), responseTo(answered.request, 404))
    assert.equal(answered.run.size, 0)
  }
})

test('timer D: a failed INVITE acknowledges every repetition of its failure for 32 s, and reports it once', () => {
  const { run, outbox, request } = started('INVITE')
  const failure = responseTo(request, 486)
  assert.equal(run.response(instant(10), failure).length, 1)
  assert.equal(run.response(instant(20), failure).length, 0)
  assert.equal(outbox.take().length, 2)
  assert.equal(times(run, outbox).endMs, 10 + 64 * T1)
})

test('timer M: every 2xx within 32 s is reported, since a proxy may have forked (RFC 6026 §8.4)', () => {
  const { run, outbox, request } = started('INVITE')
  assert.equal(run.response(instant(0), responseTo(request, 200)).length, 1)
  assert.equal(run.response(instant(30_000), responseTo(request, 200)).length, 1)
  assert.deepEqual([times(run, outbox).endMs, outbox.take().length], [64 * T1, 0])
  assert.equal(run.response(instant(40_000), responseTo(request, 200)).length, 0)
})

function serving(method: string, flow: Flow = phoneFlow) {
  const outbox = new Outbox()
  const run = new Transactions<string>(outbox)
  const request = requestOf(method)
  const transaction = run.accept(request, flow)
  const respond = (at: number, status: number) => run.respond(instant(at), transaction, respondTo(request, status, { toTag: 't' }))
  return { outbox, run, request, respond }
}

test('timers G and H: a failed INVITE is repeated up to every 4 s until its ACK, at most 32 s (§17.2.1)', () => {
  const { run, outbox, respond } = serving('INVITE')
  respond(0, 486)
  outbox.take()
  assert.deepEqual(times(run, outbox).sentMs, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
  assert.equal(run.size, 0)
})

test('timer I: after the ACK repetitions are absorbed for T4 (§17.2.1)', () => {
  const { run, outbox, request, respond } = serving('INVITE')
  respond(0, 486)
  outbox.take()
  const ack: Request = { ...request, method: 'ACK', cseq: { number: 1, method: 'ACK' } }
  assert.deepEqual(run.absorb(instant(100), ack), { absorbed: true, reports: [] })
  assert.equal(times(run, outbox).endMs, 100 + 5_000)
})

test('timer L: a 2xx is not repeated by the transaction, and a repeated INVITE is absorbed silently (RFC 6026 §8.7)', () => {
  const { run, outbox, request, respond } = serving('INVITE')
  respond(0, 200)
  outbox.take()
  assert.deepEqual([run.absorb(instant(600), request).absorbed, outbox.take().length], [true, 0])
  assert.deepEqual(times(run, outbox), { sentMs: [], reports: [], endMs: 64 * T1 })
})

test('timer J: a request that was answered is answered again for 32 s (§17.2.2), over a connection never', () => {
  const { run, outbox, request, respond } = serving('OPTIONS')
  assert.equal(run.absorb(instant(0), request).absorbed, true)
  assert.equal(outbox.take().length, 0, 'not before there is an answer')
  respond(1, 200)
  run.absorb(instant(2), request)
  assert.equal(outbox.take().length, 2)
  assert.equal(times(run, outbox).endMs, 1 + 64 * T1)
  const connected = serving('OPTIONS', stream('c'))
  connected.respond(0, 200)
  assert.equal(connected.run.size, 0)
})

test('a final response is final: the next one is not sent', () => {
  const { outbox, respond } = serving('OPTIONS')
  respond(0, 200)
  respond(1, 500)
  assert.equal(outbox.take().length, 1)
})

test('a connection that closes fails what waits on it, and only that', () => {
  const flow = stream('c')
  const { run } = started('INVITE', flow)
  assert.deepEqual(run.flowClosed(instant(0), stream('other')), [])
  assert.deepEqual(
    run.flowClosed(instant(0), flow).map((r) => r.kind),
    ['failure'],
  )
  assert.equal(run.size, 0)
})

test('matching (§17.2.3): branch and sent-by and method; without the cookie Call-ID, CSeq and tag', () => {
  const { run, request } = serving('INVITE')
  const via = request.via[0]
  assert.ok(via !== undefined)
  const other = (changed: Partial<typeof via>): Request => ({ ...request, via: [{ ...via, ...changed }] })
  assert.equal(run.absorb(instant(0), request).absorbed, true)
  assert.equal(run.absorb(instant(0), other({ host: 'elsewhere.test' })).absorbed, false, 'another sender')
  assert.equal(run.absorb(instant(0), other({ params: new Map([['branch', 'z9hG4bKx']]) })).absorbed, false)
  const old = other({ params: new Map([['branch', '1']]) })
  run.accept(old, phoneFlow)
  assert.equal(run.absorb(instant(0), old).absorbed, true)
  assert.equal(run.absorb(instant(0), { ...old, cseq: { number: 2, method: 'INVITE' } }).absorbed, false)
})

test('every state but the last can be left, and every timer that runs in a state means something there', () => {
  const machines: readonly Machine[] = [inviteClient, client, inviteServer, server]
  for (const machine of machines) {
    const states = Object.keys(machine.on) as TransactionState[]
    for (const state of states)
      assert.ok(
        Object.values(machine.on[state] ?? {}).some((t) => t.to !== state),
        `${machine.name} ${state}`,
      )
    for (const [state, timers] of Object.entries(machine.timers))
      for (const timer of timers)
        assert.ok(machine.on[state as TransactionState]?.[timer] !== undefined, `${machine.name} ${state} ${timer}`)
  }
})
