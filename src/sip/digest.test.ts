import assert from 'node:assert/strict'
import { hash as nodeHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { limits } from '../kernel/limits.ts'
import { addMs, instant } from '../kernel/time.ts'
import { type Credentials, parseChallenge, parseCredentials } from './authorization.ts'
import { DigestVerifier, type Hash, respond, type Verdict } from './digest.ts'
import { sipUri } from './uri.ts'

const hash: Hash = { md5: (text) => nodeHash('md5', text), sha256: (text) => nodeHash('sha256', text) }
const at = instant(1_700_000_000_000)
const requestUri = sipUri({ host: 'example.com' })
const answer = { username: 'bob', password: 'zanzibar', method: 'REGISTER', uri: 'sip:example.com', cnonce: '0a4f113b', hash }

const verifier = (secret = 'a long secret') => new DigestVerifier({ realm: 'example.com', secret, hash })

function credentials(value: string | undefined): Credentials {
  assert.ok(value !== undefined)
  const outcome = parseCredentials(value)
  assert.ok(outcome.ok, value)
  return outcome.value
}

const verify = (server: DigestVerifier, value: string | undefined, when = at, password: string | undefined = 'zanzibar'): Verdict =>
  server.verify(when, { credentials: credentials(value), method: 'REGISTER', requestUri, password })

const outcome = (verdict: Verdict) => (verdict.kind === 'accepted' ? 'accepted' : verdict.stale ? 'stale' : 'refused')

describe('respond', () => {
  it('RFC 7616 §3.9.1: computes the published examples', () => {
    const example = {
      username: 'Mufasa',
      password: 'Circle of Life',
      method: 'GET',
      uri: '/dir/index.html',
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      hash,
    }
    const challenge = (algorithm: string) =>
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"`
    assert.match(respond([challenge('MD5')], example) ?? '', /response="8ca523f5e9506fed4657c9700eebdbec"/)
    const sha = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'
    assert.match(respond([challenge('MD5'), challenge('SHA-256')], example) ?? '', new RegExp(`response="${sha}".*algorithm=SHA-256`))
  })

  it('RFC 2617 §3.5: computes the published example', () => {
    const example = { username: 'Mufasa', password: 'Circle Of Life', method: 'GET', uri: '/dir/index.html', cnonce: '0a4f113b', hash }
    const challenge =
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    const value = respond([challenge], example) ?? ''
    assert.match(value, /response="6629fae49393a05397450978507c4ef1"/)
    assert.match(value, /opaque="5ccc069c403ebaf9f0171e9517f40e41", qop=auth, nc=00000001, cnonce="0a4f113b"/)
  })

  it('RFC 2069: answers a challenge without qop without a count', () => {
    const value = respond(['Digest realm="r", nonce="n"'], answer) ?? ''
    assert.ok(!value.includes('qop') && !value.includes('nc='))
    const expected = hash.md5(`${hash.md5('bob:r:zanzibar')}:n:${hash.md5('REGISTER:sip:example.com')}`)
    assert.ok(value.includes(`response="${expected}"`))
  })

  it('chooses the strongest challenge that it can answer', () => {
    const of = (...challenges: string[]) => credentials(respond(challenges, answer))
    assert.equal(of('Digest realm="r", nonce="1", qop="auth"', 'Digest realm="r", nonce="2", qop="auth", algorithm=SHA-256').nonce, '2')
    assert.equal(of('Digest realm="r", nonce="2", qop="auth", algorithm=SHA-256', 'Digest realm="r", nonce="1", qop="auth"').nonce, '2')
    assert.equal(
      of('Digest realm="r", nonce="3", algorithm=SHA-512-256, qop="auth"', 'Basic realm="r"', 'Digest realm="r", nonce="1"').nonce,
      '1',
    )
  })

  it('gives no answer to auth-int alone, to unknown algorithms, or to nothing', () => {
    for (const challenge of [
      'Digest realm="r", nonce="n", qop="auth-int"',
      'Digest realm="r", nonce="n", algorithm=AKAv1-MD5',
      'Basic realm="r"',
      'Digest realm="r"',
    ]) {
      assert.equal(respond([challenge], answer), undefined, challenge)
    }
    assert.equal(respond([], answer), undefined)
  })

  it('lets no user name or realm out of its quotes', () => {
    const value = respond(['Digest realm="a\\"b", nonce="n"'], { ...answer, username: 'eve", realm="x"\r\nX: y' }) ?? ''
    assert.equal(credentials(value).realm, 'a"b')
    assert.ok(!value.includes('\r') && !value.includes('\n'))
  })
})

describe('DigestVerifier', () => {
  it('RFC 8760 §2.4: challenges with SHA-256 first, then MD5', () => {
    const values = verifier().challenge(at, 'ab12')
    const challenges = values.map((value) => {
      const challenge = parseChallenge(value)
      assert.ok(challenge.ok)
      return challenge.value
    })
    assert.deepEqual(
      challenges.map(({ algorithm, qop, realm, stale }) => [algorithm, ...qop, realm, stale]),
      [
        ['SHA-256', 'auth', 'example.com', false],
        ['MD5', 'auth', 'example.com', false],
      ],
    )
    assert.ok(
      verifier()
        .challenge(at, 'ab12', true)
        .every((value) => value.endsWith('stale=true')),
    )
  })

  it('accepts the right password under either algorithm', () => {
    const server = verifier()
    const [sha256 = '', md5 = ''] = server.challenge(at, 'ab12')
    assert.deepEqual(verify(server, respond([sha256], answer)), { kind: 'accepted', username: 'bob' })
    assert.equal(outcome(verify(server, respond([md5], { ...answer, nonceCount: 2 }))), 'accepted')
  })

  it('refuses a wrong password, method, URI, user, qop or algorithm', () => {
    const server = verifier()
    const challenges = server.challenge(at, 'ab12')
    const good = respond(challenges, answer) ?? ''
    assert.equal(outcome(verify(server, respond(challenges, { ...answer, password: 'zanzibaR' }))), 'refused')
    assert.equal(outcome(verify(server, respond(challenges, { ...answer, method: 'INVITE' }))), 'refused')
    assert.equal(outcome(verify(server, respond(challenges, { ...answer, uri: 'sip:other.example.com' }))), 'refused')
    assert.equal(outcome(verify(server, good.replace('"bob"', '"eve"'))), 'refused')
    assert.equal(outcome(verify(server, good.replace('qop=auth', 'qop=auth-int'))), 'refused')
    assert.equal(outcome(verify(server, good.replace('SHA-256', 'SHA-512-256'))), 'refused')
    assert.equal(outcome(verify(server, good.replace('algorithm=SHA-256', 'algorithm=MD5'))), 'refused')
    assert.equal(outcome(verify(server, good.replace('realm="example.com"', 'realm="other"'))), 'refused')
    assert.equal(outcome(verify(server, good.replace(', qop=auth', '').replace(', nc=00000001', ''))), 'refused')
    assert.equal(outcome(verify(server, good)), 'accepted')
  })

  it('offers and accepts only the algorithms of its settings', () => {
    const server = new DigestVerifier({ realm: 'example.com', secret: 's', hash, algorithms: ['SHA-256'] })
    const [sha256 = '', ...others] = server.challenge(at, 'ab12')
    assert.equal(others.length, 0)
    assert.equal(outcome(verify(server, respond([sha256.replace('SHA-256', 'MD5')], answer))), 'refused')
    assert.equal(outcome(verify(server, respond([sha256], answer))), 'accepted')
  })

  it('refuses an unknown user with the same verdict after the same number of hashes', () => {
    const texts: string[] = []
    const counting: Hash = {
      md5: (text) => hash.md5(text),
      sha256: (text) => {
        texts.push(text)
        return hash.sha256(text)
      },
    }
    const server = new DigestVerifier({ realm: 'example.com', secret: 's', hash: counting })
    const given = credentials(respond(server.challenge(at, 'ab12'), { ...answer, password: 'wrong' }))
    const attempt = (password: string | undefined) => {
      texts.length = 0
      return { verdict: server.verify(at, { credentials: given, method: 'REGISTER', requestUri, password }), hashes: texts.length }
    }
    const known = attempt('zanzibar')
    assert.ok(known.hashes > 0)
    assert.deepEqual(attempt(undefined), known)
  })

  it('does not take its own secret, which stands in for a missing password, as one', () => {
    const server = verifier('the secret')
    const value = respond(server.challenge(at, 'ab12'), { ...answer, password: 'the secret' })
    assert.equal(
      outcome(server.verify(at, { credentials: credentials(value), method: 'REGISTER', requestUri, password: undefined })),
      'refused',
    )
  })

  it('RFC 7616 §3.4: a count that does not grow is a replay, and stale', () => {
    const server = verifier()
    const challenges = server.challenge(at, 'ab12')
    const counted = (nonceCount: number) => outcome(verify(server, respond(challenges, { ...answer, nonceCount })))
    assert.deepEqual([1, 1, 3, 2, 3, 4, 0x1f, 0x1e].map(counted), [
      'accepted',
      'stale',
      'accepted',
      'stale',
      'stale',
      'accepted',
      'accepted',
      'stale',
    ])
    assert.equal(outcome(verify(server, respond(server.challenge(at, 'cd34'), answer))), 'accepted')
  })

  it('a nonce is stale after its life, from the future, forged, or of a server before the restart', () => {
    const server = verifier()
    const value = respond(server.challenge(at, 'ab12'), answer)
    assert.equal(outcome(verify(server, value, addMs(at, limits.sipNonceMs + 1))), 'stale')
    assert.equal(outcome(verify(server, value, addMs(at, -60_000))), 'stale')
    assert.equal(outcome(verify(verifier('another secret'), value)), 'stale')
    for (const nonce of ['x', '1-2-3', `${at}-ab12-`, `${at}-ab12-${'0'.repeat(32)}`, '-'.repeat(9)]) {
      assert.equal(outcome(verify(server, respond([`Digest realm="example.com", nonce="${nonce}", qop="auth"`], answer))), 'stale', nonce)
    }
    assert.equal(outcome(verify(server, value, addMs(at, limits.sipNonceMs))), 'accepted')
  })

  it('remembers a bounded number of nonces, and no forgotten one can be used again', () => {
    const server = verifier()
    const use = (salt: number) => {
      const value = respond(server.challenge(addMs(at, salt), String(salt)), answer)
      return { value, verdict: outcome(verify(server, value, addMs(at, salt))) }
    }
    const first = use(0)
    for (let salt = 1; salt <= limits.sipNonceUses; salt++) assert.equal(use(salt).verdict, 'accepted')
    assert.equal(first.verdict, 'accepted')
    assert.equal(outcome(verify(server, first.value, addMs(at, limits.sipNonceUses))), 'stale')
  })
})
