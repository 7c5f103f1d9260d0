/** Which paths are this dialect's (contract newvoicemedia, section 1; W2), and that no body is too strange for it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseJson } from '../../http/body.ts'
import { Refused } from '../../http/refused.ts'
import { accountKey, isTokenPath, place } from './request.ts'
import { readCallOrder } from './request-call.ts'

const split = (path: string) => path.split('/').filter((part) => part !== '')
const placed = (path: string) => place(split(path))?.join('/')

test('static segments and the v in any case, any digits; the key is kept', () => {
  const paths: readonly (readonly [path: string, canonical: string])[] = [
    ['/v0/a1b2c3d4e5/calls', 'v0/a1b2c3d4e5/calls'],
    ['/V0/A1b2/Calls/94E5928C', 'v0/A1b2/calls/94E5928C'],
    ['/v123/key/AGENTS/12', 'v123/key/agents/12'],
    ['/V0/OAuth2/Token', 'v0/oauth2/token'],
    ['/Auth/Connect/Token', 'auth/connect/token'],
    ['/v1/oauth2/calls', 'v1/oauth2/calls'],
  ]
  for (const [path, canonical] of paths) assert.equal(placed(path), canonical, path)
})

test('what belongs to other dialects, or to nobody, is left alone', () => {
  const paths = [
    ...['/', '/v0', '/v0/key', '/v0/key/users', '/vx/key/calls', '/v/key/calls', '/v1.0/key/calls', '/x/v0/key/calls'],
    ...['/v1/auth/login', '/v1/call/options', '/v1/call/records', '/v1/live_calls', '/v1/live_calls/1', '/v1/users', '/v1/click_to_call'],
    ...['/auth/connect', '/auth/connect/token/x', '/v0/oauth2', '/v0/oauth2/token/x', '/calls/key/v0'],
  ]
  for (const path of paths) assert.equal(placed(path), undefined, path)
})

test('only the token endpoints are open; only calls and agents have a key', () => {
  assert.deepEqual(
    ['/v0/oauth2/token', '/auth/connect/token', '/v0/k/calls/token', '/v0/k/calls', '/x'].map((p) => isTokenPath(split(p))),
    [...[true, true, false, false, false]],
  )
  assert.deepEqual(
    ['/v0/oauth2/token', '/auth/connect/token', '/V0/Key/calls/x', '/v0/k/agents'].map((p) => accountKey(split(p))),
    [...[undefined, undefined, 'Key', 'k']],
  )
})

test('whatever JSON comes, it is an order or a refusal', () => {
  const member = fc.oneof(
    fc.constantFrom('agentId', 'groups', 'telephoneNumber', 'presentedCLID', 'consent', 'reference', '__proto__'),
    fc.string({ maxLength: 3 }),
  )
  const value = fc.oneof(fc.constantFrom('', '1234', '030', 'OneParty', null, [], ['030']), fc.jsonValue({ maxDepth: 2 }))
  const side = fc.oneof({ weight: 4, arbitrary: fc.dictionary(member, value, { maxKeys: 4 }) }, { weight: 1, arbitrary: value })
  const bodies = fc.record({ from: side, to: side, regarding: side, application: value }, { requiredKeys: [] })
  const orders = { read: 0, refused: 0 }
  fc.assert(
    fc.property(bodies, fc.boolean(), (body, isStrict) => {
      try {
        const order = readCallOrder(parseJson(JSON.stringify(body)), 6, isStrict)
        orders.read += 1
        assert.doesNotThrow(() => [JSON.parse(order.echo.from), JSON.parse(order.echo.to)])
      } catch (cause) {
        orders.refused += 1
        assert.ok(cause instanceof Refused, String(cause))
      }
    }),
    { numRuns: 3000 },
  )
  assert.ok(orders.read > 0 && orders.refused > 0, JSON.stringify(orders))
})
