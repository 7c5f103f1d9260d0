import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settings } from '../../testkit/sip-rig.ts'
import { accountId } from '../kernel/ids.ts'
import type { ExtensionSettings, TrunkSettings } from './door.ts'
import { Identities } from './identities.ts'

const [a, b] = [accountId('a'), accountId('b')]
const extension = (more: Partial<ExtensionSettings> & { account: ExtensionSettings['account']; number: string }): ExtensionSettings => ({
  password: 'p',
  ...more,
})
const trunk = (id: string, trusted: readonly string[]): TrunkSettings => ({ account: a, id, peer: 'udp:203.0.113.1:5060', trusted })

test('a name that two accounts share means nobody; with its code each means one', () => {
  const [one, two] = [extension({ account: a, code: '0003', number: '210' }), extension({ account: b, code: '0004', number: '210' })]
  const identities = new Identities({ ...settings, extensions: [one, two] })
  assert.equal(identities.extension('210'), undefined)
  assert.deepEqual([identities.extension('0003*210'), identities.extension('0004*210')], [one, two])
  assert.deepEqual([identities.byNumber(a, '210'), identities.byNumber(b, '210')], [one, two])
})

test('a name that one extension bears twice is still its own', () => {
  const one = extension({ account: a, number: '210', usernames: ['210', 'paco'] })
  const identities = new Identities({ ...settings, extensions: [one] })
  assert.deepEqual([identities.extension('210'), identities.extension('paco'), identities.extension('x')], [one, one, undefined])
})

test('a trusted address with a port is more particular than one without; others are strangers', () => {
  const identities = new Identities({
    ...settings,
    trunks: [trunk('host', ['203.0.113.1', '2001:db8::1']), trunk('port', ['203.0.113.1:5080', '[2001:db8::1]:5080'])],
  })
  const at = (address: string, port: number) => identities.trustedAt({ transport: 'UDP', remote: { address, port } })?.id
  assert.deepEqual([at('203.0.113.1', 5060), at('203.0.113.1', 5080), at('203.0.113.2', 5060)], ['host', 'port', undefined])
  assert.deepEqual([at('2001:db8::1', 5060), at('2001:db8::1', 5080)], ['host', 'port'])
})
