import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../testkit/random.ts'
import { udp } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import type { ResolveAnswer } from './door.ts'
import { Outbox } from './outbox.ts'
import { Resolver } from './resolver.ts'
import { sipUri } from './uri.ts'

function bench(seed = 1) {
  const outbox = new Outbox()
  const resolver = new Resolver<string>(outbox, new SeededRandom(seed))
  /** Answers every question from the table until the hops are there. */
  const follow = (names: Record<string, readonly ResolveAnswer[]>) => {
    for (;;) {
      const question = outbox.take()[0]
      assert.ok(question?.kind === 'resolve')
      const done = resolver.resolved(
        question.id,
        (names[question.name] ?? []).filter((a) => a.type === question.type),
      )
      if (done !== undefined) return done.hops.map((hop) => `${hop.address}:${hop.port}`)
    }
  }
  return { resolver, outbox, follow }
}

test('an address needs no lookup; ports default by transport', () => {
  const { resolver } = bench()
  const hops = (parts: Parameters<typeof sipUri>[0]) =>
    resolver.find(sipUri(parts), 't', [udp('192.0.2.1')])?.map((h) => `${h.transport} ${h.address} ${h.port}`)
  assert.deepEqual(hops({ host: '203.0.113.1' }), ['UDP 203.0.113.1 5060'])
  assert.deepEqual(hops({ host: '2001:db8::1', params: { transport: 'tcp' } }), ['TCP 2001:db8::1 5060'])
  assert.deepEqual(hops({ scheme: 'sips', host: '203.0.113.1' }), ['TLS 203.0.113.1 5061'])
  assert.deepEqual(hops({ host: '203.0.113.1', params: { transport: 'ws' } }), [], 'a browser cannot be connected to')
})

test('services of one priority are drawn by weight (RFC 2782)', () => {
  const service = (target: string, weight: number): ResolveAnswer => ({ type: 'SRV', priority: 1, weight, port: 5060, target })
  let heavyFirst = 0
  for (let seed = 0; seed < 400; seed++) {
    const { resolver, follow } = bench(seed)
    resolver.find(sipUri({ host: 'x.test' }), 't', [udp('192.0.2.1')])
    const names = {
      '_sip._udp.x.test': [service('light', 10), service('heavy', 90)],
      light: [{ type: 'A', address: '203.0.113.1' } as const],
      heavy: [{ type: 'A', address: '203.0.113.9' } as const],
    }
    const hops = follow(names)
    assert.equal(hops.length, 2)
    if (hops[0] === '203.0.113.9:5060') heavyFirst += 1
  }
  assert.ok(heavyFirst > 320 && heavyFirst < 390, `${heavyFirst} of 400`)
})

test('only families that a datagram can leave by are asked for', () => {
  const { resolver, outbox, follow } = bench()
  resolver.find(sipUri({ host: 'six.test', port: 5060 }), 't', [udp('2001:db8::2')])
  const question = outbox.take()[0]
  assert.equal(question?.kind === 'resolve' && question.type, 'AAAA')
  const again = bench()
  again.resolver.find(sipUri({ host: 'six.test', port: 5060 }), 't', [udp('2001:db8::2')])
  assert.deepEqual(again.follow({ 'six.test': [{ type: 'AAAA', address: '2001:db8::9' }] }), ['2001:db8::9:5060'])
  assert.ok(follow)
})

test('hops and lookups are bounded', () => {
  const { resolver, follow } = bench()
  resolver.find(sipUri({ host: 'many.test', port: 1 }), 't', [udp('192.0.2.1')])
  const many = Array.from({ length: 50 }, (_, n): ResolveAnswer => ({ type: 'A', address: `203.0.113.${n}` }))
  assert.equal(follow({ 'many.test': many }).length, limits.sipHopsPerRequest)
  for (let n = 0; n < limits.sipLookups; n++)
    assert.equal(resolver.find(sipUri({ host: `h${n}.test` }), 't', [udp('192.0.2.1')]), undefined)
  assert.deepEqual(resolver.find(sipUri({ host: 'late.test' }), 't', [udp('192.0.2.1')]), [])
})
