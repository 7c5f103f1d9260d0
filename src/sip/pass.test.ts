import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type RequestText, Rig, settings } from '../../testkit/sip-rig.ts'
import { hash } from '../../testkit/sip-world.ts'
import { limits } from '../kernel/limits.ts'
import { addMs, type Instant, instant } from '../kernel/time.ts'
import { passFor, readPass } from './pass.ts'

const key = { secret: 'a secret of the server', hash }
const withPasses = { ...settings, passSecret: key.secret }
const at = instant(1_800_000_000_000)
const salt = '00ff00ff00ff00ff'

const register = (to: string, more: Partial<RequestText> = {}): RequestText => ({
  method: 'REGISTER',
  uri: 'sip:sotto.test',
  to: `<sip:${to}@sotto.test>`,
  callId: 'reg',
  ...more,
})

const given = (rig: Rig, name = '0003*210', until: Instant = addMs(rig.now, limits.sipPassMs)) => passFor(key, { name, until, salt })

describe('a pass', () => {
  test('says whom it stands for until its end, and no longer', () => {
    const { username, password } = passFor(key, { name: '0003*210', until: addMs(at, 10_000), salt })
    assert.match(username, /^0003\*210~[0-9a-z]+~00ff00ff00ff00ff$/)
    assert.deepEqual(readPass(key, addMs(at, 8_000), username), { name: '0003*210', password })
    assert.equal(readPass(key, addMs(at, 10_000), username), undefined)
  })

  test('has a password that follows from no other name and from no other secret', () => {
    const passwords = [
      passFor(key, { name: '210', until: at, salt }),
      passFor(key, { name: '211', until: at, salt }),
      passFor(key, { name: '210', until: addMs(at, 1_000), salt }),
      passFor(key, { name: '210', until: at, salt: '00ff00ff00ff00fe' }),
      passFor({ ...key, secret: 'another' }, { name: '210', until: at, salt }),
    ].map(({ password }) => password)
    assert.equal(new Set(passwords).size, passwords.length)
    for (const password of passwords) assert.match(password, /^[0-9a-f]{40}$/)
  })

  test('of another form is none', () => {
    for (const name of ['210', '', '~', '210~~', '210~zzzzzzzzzzz~00ff00ff', '210~z~', '210~z~xyz', '210~!~00ff00ff', 'a~b~c~d'])
      assert.equal(readPass(key, at, name), undefined, name)
  })
})

describe('a phone with a pass', () => {
  test('registers for its extension, and calls as it', () => {
    const rig = new Rig(withPasses)
    const seen = rig.prove(register('0003*210'), given(rig))
    assert.deepEqual([seen.statuses, seen.event('registered').extension], [[200], '210'])
    const call = rig.prove(
      { method: 'INVITE', uri: 'sip:211@sotto.test', callId: 'c', branch: 'z9hG4bKi', body: { type: 'application/sdp', text: 'v=0\r\n' } },
      given(rig),
    )
    const { source } = call.event('offered')
    assert.ok(source.kind === 'extension' && source.number === '210')
  })

  test('is nobody with a wrong password, after its end, for another extension, or where there are no passes', () => {
    const rig = new Rig(withPasses)
    const pass = given(rig)
    assert.deepEqual(rig.prove(register('0003*210'), { ...pass, password: 'pw-210' }).statuses, [401])
    const longer = { ...pass, username: pass.username.replace(/~[0-9a-z]+~/, '~zzzzzz~') }
    assert.deepEqual(
      rig.prove(register('0003*210', { callId: 'r2', branch: 'z9hG4bKr2' }), longer).statuses,
      [401],
      'an end that was moved',
    )
    const other = { ...pass, username: pass.username.replace('210', '211') }
    assert.deepEqual(rig.prove(register('0003*211', { callId: 'r3', branch: 'z9hG4bKr3' }), other).statuses, [401])
    assert.deepEqual(
      rig.prove(register('0003*211', { callId: 'r4', branch: 'z9hG4bKr4' }), pass).statuses,
      [403],
      'nobody registers for somebody else',
    )
    const gone = given(rig, '0003*999')
    assert.deepEqual(
      rig.prove(register('0003*999', { callId: 'r5', branch: 'z9hG4bKr5' }), gone).statuses,
      [401],
      'an extension that is not configured',
    )
    rig.pass(limits.sipPassMs + 1_000)
    assert.deepEqual(rig.prove(register('0003*210', { callId: 'r6', branch: 'z9hG4bKr6' }), pass).statuses, [401], 'after its end')
    assert.deepEqual(new Rig().prove(register('0003*210'), pass).statuses, [401], 'without passes')
  })

  test('goes on after a restart, and the extension’s own password works beside it', () => {
    const rig = new Rig(withPasses)
    const pass = given(rig)
    rig.prove(register('0003*210'), pass).response(200)
    rig.restart()
    rig.prove(register('0003*210', { callId: 'again', branch: 'z9hG4bKagain' }), pass).response(200)
    rig.prove(register('210', { callId: 'own', branch: 'z9hG4bKown' }), { username: '210', password: 'pw-210' }).response(200)
  })
})
