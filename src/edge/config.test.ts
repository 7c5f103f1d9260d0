import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { wavOf } from '../../testkit/recording-shelf.ts'
import { explain, loadSettings, parseSettings } from './config.ts'
import { configurationSchema } from './config-schema.ts'
import type { Settings } from './settings.ts'

const silently = { format: 'wav-g711', mix: true, coach: 'exclude', beepSeconds: 0, keepDays: 0 } as const

const referenceFile = new URL('../../fixtures/call-centre.json', import.meta.url).pathname
const reference = (): Record<string, unknown> => JSON.parse(readFileSync(referenceFile, 'utf8'))

/** The reference configuration with other values at some keys (undefined: without the key). */
function changed(changes: Readonly<Record<string, unknown>>): unknown {
  const configuration = reference()
  for (const [key, value] of Object.entries(changes))
    put(
      configuration,
      key.split(/[.[\]]+/).filter((part) => part !== ''),
      value,
    )
  return configuration
}

function put(within: Record<string, unknown>, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length > 0) {
    within[first] ??= {}
    put(within[first] as Record<string, unknown>, rest, value)
  } else if (value === undefined) delete within[first]
  else within[first] = value
}

/** What is said about the reference configuration with these changes. */
function said(changes: Readonly<Record<string, unknown>>): readonly string[] {
  const outcome = parseSettings(changed(changes))
  return outcome.ok ? [] : outcome.error.map(({ key, why }) => `${key}: ${why}`)
}

function good(configured: unknown, environment = {}): Settings {
  const outcome = parseSettings(configured, environment)
  assert.ok(outcome.ok, JSON.stringify(outcome))
  return outcome.value
}

test('the reference configuration is accepted as it is', () => {
  const settings = good(reference())
  assert.deepEqual(settings.http.listen, { host: '127.0.0.1', port: 8080 })
  assert.deepEqual(settings.sip.listen, [
    { transport: 'UDP', address: '127.0.0.1', port: 5060 },
    { transport: 'TCP', address: '127.0.0.1', port: 5060 },
  ])
  assert.deepEqual(settings.media, {
    addresses: { 4: '127.0.0.1' },
    ports: { first: 20000, last: 29999 },
    advertise: { 4: '127.0.0.1' },
    standby: true,
  })
  assert.deepEqual(
    settings.accounts.map((a) => [a.id, a.extensions.length, a.agents.length, a.groups.length]),
    [
      ['12440011', 8, 4, 3],
      ['12440022', 2, 1, 1],
    ],
  )
})

test('an account with nothing but its names gets every default', () => {
  const settings = good({
    accounts: [{ id: '1', key: 'k1', code: '01', name: 'One', country: 'GB', extensions: [{ number: '10', password: 'x' }] }],
  })
  const [account] = settings.accounts
  assert.equal(settings.node, 'n1')
  assert.equal(settings.data, resolve('data'))
  assert.deepEqual(account?.extensions, [{ number: '10', name: '10', password: 'x', monitorMode: 'disabled', mayBeMonitored: false }])
  assert.deepEqual([account?.conferences, account?.recording], [[], { onDemand: true, announced: false, ...silently }])
  assert.deepEqual(account?.credentials, { native: [], voipnow: [], yeastar: [], ringcx: [], newvoicemedia: [], smartflo: [] })
})

test('the environment overrides the four places that differ between machines', () => {
  const environment = {
    SOTTO_HTTP_LISTEN: '[::1]:0',
    SOTTO_SIP_LISTEN: 'udp:[::1]:15060, tls:192.0.2.1:15061',
    SOTTO_MEDIA_PORTS: '30000-30100',
    SOTTO_DATA: '/var/lib/sotto',
  }
  const settings = good(changed({ 'sip.tls': { cert: 'cert.pem', key: 'key.pem' } }), environment)
  assert.deepEqual(settings.http.listen, { host: '::1', port: 0 })
  assert.deepEqual(
    settings.sip.listen.map((l) => [l.transport, l.address, l.port]),
    [
      ['UDP', '::1', 15060],
      ['TLS', '192.0.2.1', 15061],
    ],
  )
  assert.deepEqual(settings.media.ports, { first: 30000, last: 30100 })
  assert.equal(settings.data, '/var/lib/sotto')
})

test('a wildcard listener tells phones an address that exists, or the one that is configured', () => {
  const listening = (more: object) => good({ ...reference(), sip: { realm: 'x', listen: ['udp:0.0.0.0:5060'], ...more } }).sip.listen[0]
  assert.match(listening({})?.advertise?.host ?? '', /^(?!0\.)\d+\.\d+\.\d+\.\d+$/)
  assert.deepEqual(listening({ advertise: 'sip.example.com:5070' })?.advertise, { host: 'sip.example.com', port: 5070 })
})

test('audio can be received over both families and be told other addresses', () => {
  const media = good(changed({ 'media.address6': '::1', 'media.advertise': '203.0.113.7', 'media.advertise6': '2001:db8::7' })).media
  assert.deepEqual(
    [media.addresses, media.advertise],
    [
      { 4: '127.0.0.1', 6: '::1' },
      { 4: '203.0.113.7', 6: '2001:db8::7' },
    ],
  )
  assert.deepEqual(good(changed({ 'media.address': '::1' })).media.addresses, { 6: '::1' })
})

describe('the address that others know', () => {
  for (const [what, changes, url] of [
    ['is the realm, where that is a domain', {}, 'https://sotto.test'],
    ['is the listener, where the realm is a mere word', { 'sip.realm': 'sotto' }, 'http://127.0.0.1:8080'],
    ['is what was configured', { 'http.publicUrl': 'http://calls.example.com:8443' }, 'http://calls.example.com:8443'],
  ] as const) {
    test(what, () => assert.equal(good(changed(changes)).publicUrl, url))
  }

  test('is what the environment says, above all', () => {
    const environment = { SOTTO_PUBLIC_URL: 'https://proxy.example.com' }
    assert.equal(good(changed({ 'http.publicUrl': 'http://calls.example.com' }), environment).publicUrl, 'https://proxy.example.com')
  })
})

describe('the vendors’ APIs', () => {
  const common = { enabled: true, hosts: [] }
  const defaults = {
    voipnow: {
      ...common,
      ...{ updateStatus: 202, emptyStatus: 200, createShape: 'array', lenientJson: true },
      ...{ errorSpelling: 'documented', expiredTokenStatus: 401, numberStyle: 'string' },
    },
    yeastar: { ...common, flavour: 'auto', maxMonitors: 0 },
    ringcx: { ...common, pageBase: 0 },
    newvoicemedia: { ...common, strictVersions: false },
    smartflo: common,
  }

  test('are all offered, as their contracts say, where nothing is configured', () => {
    assert.deepEqual(good(reference()).dialects, defaults)
    assert.deepEqual(good(changed({ dialects: { ringcx: {} } })).dialects, defaults)
  })

  test('have host names in lower case, a prefix and switches', () => {
    const { voipnow, ringcx, smartflo } = good(
      changed({
        'dialects.voipnow': { hosts: ['UAPI.VoipNow.com'], updateStatus: 200, numberStyle: 'number' },
        'dialects.ringcx': { prefix: '/ringcx', pageBase: 1, tokenSeconds: 300 },
        'dialects.smartflo': { enabled: false },
      }),
    ).dialects
    assert.deepEqual(voipnow, { ...defaults.voipnow, hosts: ['uapi.voipnow.com'], updateStatus: 200, numberStyle: 'number' })
    assert.deepEqual(ringcx, { ...common, prefix: '/ringcx', pageBase: 1, tokenSeconds: 300 })
    assert.equal(smartflo.enabled, false)
  })

  test('have credentials of role admin where nothing else is said', () => {
    const credentials = good(changed({ 'accounts[0].credentials.smartflo[0].role': 'observer' })).accounts[0]?.credentials
    const roles = (['yeastar', 'ringcx', 'newvoicemedia', 'smartflo'] as const).map((api) => credentials?.[api][0]?.role)
    assert.deepEqual(roles, ['admin', 'admin', 'admin', 'observer'])
  })

  test('have a Smartflo login that stands for nobody, where no agent is named', () => {
    const [login] = good(changed({ 'accounts[0].credentials.smartflo[0].agent': undefined })).accounts[0]?.credentials.smartflo ?? []
    assert.ok(login !== undefined && login.agent === undefined)
  })
})

test('events go nowhere private, except on this machine while only this machine is listened to', () => {
  const allowed = (changes: Readonly<Record<string, unknown>>) => good(changed(changes)).callOuts.allow
  assert.deepEqual(allowed({}), ['127.0.0.0/8', '::1/128'])
  assert.deepEqual(allowed({ 'http.listen': '[::1]:8080' }), ['127.0.0.0/8', '::1/128'])
  assert.deepEqual(allowed({ 'http.listen': '0.0.0.0:8080' }), [])
  assert.deepEqual(allowed({ 'http.listen': '0.0.0.0:8080', callOuts: { allow: ['10.1.0.0/16', '2001:db8::7'] } }), [
    '10.1.0.0/16',
    '2001:db8::7',
  ])
  assert.deepEqual(allowed({ callOuts: { allow: [] } }), [])
})

test('conferences, recording and demanded dispositions are taken over', () => {
  const [account] = good(
    changed({
      'accounts[0].conferences': [{ number: '900', pin: '4711' }, { number: '901' }],
      'accounts[0].recording': { announced: true },
      'accounts[0].groups[0].requireDisposition': true,
    }),
  ).accounts
  assert.deepEqual(account?.conferences, [{ number: '900', pin: '4711' }, { number: '901' }])
  assert.deepEqual(account?.recording, { onDemand: true, announced: true, ...silently })
  assert.deepEqual(
    account?.groups.map((g) => g.requireDisposition),
    [true, false, false],
  )
})

const aHash = `scrypt$32768$8$3$${'A'.repeat(22)}$${'A'.repeat(43)}`

test('people who sign in, and providers that vouch for them', () => {
  const { accounts, sessions, oidc } = good(
    changed({
      'accounts[0].users[1]': {
        ...{ id: '13', name: 'Wanda Whisper', role: 'supervisor', username: 'wanda', password: aHash, email: 'wanda@example.com' },
        permissions: { groups: ['030'], verbs: ['see', 'monitor'] },
      },
      'accounts[0].oidc': { issuer: 'http://127.0.0.1:9000', clientId: 'sotto', clientSecret: 'x' },
      oidc: { issuer: 'https://login.example.com', clientId: 'sotto', clientSecret: 'x', accountClaim: 'tid' },
      'sessions.idleMinutes': 30,
    }),
  )
  assert.deepEqual(accounts[0]?.users[1]?.permissions, { groups: ['030'], verbs: ['see', 'monitor'] })
  assert.equal(accounts[0]?.oidc?.emailClaim, 'email')
  assert.equal(oidc?.accountClaim, 'tid')
  assert.deepEqual(sessions, { idleMs: 1_800_000, longestMs: 168 * 3_600_000 })
})

test('two people of an account do not have the same name or e-mail, letter case aside', () => {
  for (const key of ['username', 'email']) {
    const [first, second] = ['ann@example.com', 'Ann@example.com']
    const result = parseSettings(changed({ [`accounts[0].users[0].${key}`]: first, [`accounts[0].users[1].${key}`]: second }))
    assert.deepEqual(result.ok ? [] : result.error.map((problem) => problem.key), [`accounts[0].users[1].${key}`])
  }
})

describe('a bad value is refused with its key and the reason', () => {
  const cases: readonly (readonly [key: string, value: unknown, says: string | RegExp])[] = [
    ['colour', 'blue', 'colour: there is no such key'],
    ['http.port', 80, 'http.port: there is no such key'],
    ['accounts[0].extensions[1].monitormode', 'listen', 'accounts[0].extensions[1].monitormode: there is no such key'],
    [
      'accounts[0].extensions[2].monitorMode',
      'loud',
      'accounts[0].extensions[2].monitorMode: must be one of extensive, listen, whisper, barge-in, disabled, not "loud"',
    ],
    ['accounts[0].extensions[0].mayBeMonitored', 'yes', 'accounts[0].extensions[0].mayBeMonitored: must be boolean, not "yes"'],
    ['accounts[1].country', undefined, 'accounts[1].country: is required'],
    ['accounts[1].country', 'XX', 'accounts[1].country: XX is no known country'],
    ['accounts[1].timezone', 'Mars/Olympus', 'accounts[1].timezone: Mars/Olympus is no known time zone'],
    ['http.listen', '8080', 'http.listen: must be host:port, not "8080"'],
    ['http.listen', '127.0.0.1:70000', /^http\.listen: must be host:port/],
    ['sip.listen[0]', 'sctp:127.0.0.1:5060', /^sip\.listen\[0\]: must be udp:/],
    ['sip.listen[0]', 'udp:127.0.0.1:0', /^sip\.listen\[0\]: must be udp:/],
    ['sip.listen[1]', 'udp:127.0.0.1:5060', 'sip.listen[1]: udp:127.0.0.1:5060 is already at sip.listen[0]'],
    ['sip.listen[0]', 'wss:127.0.0.1:5443', 'sip.tls: is required by wss:127.0.0.1:5443'],
    ['media.ports', '20000', /^media\.ports: must be first-last/],
    ['media.ports', '20000-20010', /^media\.ports: must be at least 16 ports/],
    ['media.ports', '500-2000', 'media.ports: must begin at 1024 or above'],
    ['media.ports', '5000-6000', 'media.ports: must not contain the port of udp:127.0.0.1:5060'],
    ['media.address', 'localhost', 'media.address: must be an IP address'],
    ['media.address6', '127.0.0.1', 'media.address6: must be an IPv6 address'],
    ['media.advertise', '::1', 'media.advertise: must be an IP address of the family of media.address'],
    ['media.advertise6', '2001:db8::7', 'media.advertise6: must be an IPv6 address that stands for media.address6'],
    ['accounts[1].code', '0003', 'accounts[1].code: 0003 is already at accounts[0].code'],
    ['accounts[1].id', '12440011', 'accounts[1].id: 12440011 is already at accounts[0].id'],
    ['accounts[1].key', 'live_calls', 'accounts[1].key: live_calls is a word of the APIs’ own paths'],
    ['accounts[0].extensions[1].number', '101', 'accounts[0].extensions[1].number: 101 is already at accounts[0].extensions[0].number'],
    ['accounts[0].groups[0].extension', '106', 'accounts[0].groups[0].extension: 106 is already at accounts[0].extensions[2].number'],
    ['accounts[0].agents[0].extension', '999', 'accounts[0].agents[0].extension: there is no extension 999'],
    ['accounts[0].agents[1].id', '01234', 'accounts[0].agents[1].id: 01234 is already at accounts[0].agents[0].id'],
    ['accounts[0].groups[0].agents[1]', '9', 'accounts[0].groups[0].agents[1]: there is no agent 9'],
    ['accounts[0].users[0].extensions[1]', '9', 'accounts[0].users[0].extensions[1]: there is no extension 9'],
    ['accounts[0].numbers[0].routeTo', { group: '999' }, 'accounts[0].numbers[0].routeTo.group: there is no group 999'],
    ['accounts[0].numbers[0].routeTo', {}, 'accounts[0].numbers[0].routeTo: must name either a group or an extension'],
    [
      'accounts[1].numbers[0].number',
      '+18661234567',
      'accounts[1].numbers[0].number: +18661234567 is already at accounts[0].numbers[0].number',
    ],
    ['accounts[1].credentials.native[0].user', '12', 'accounts[1].credentials.native[0].user: there is no user 12'],
    [
      'accounts[1].credentials.native[0].key',
      'sk_test_admin_a',
      'accounts[1].credentials.native[0].key: the same value is already at accounts[0].credentials.native[0].key',
    ],
    ['accounts[0].trunks[0].peer', '127.0.0.1', /^accounts\[0\]\.trunks\[0\]\.peer: must be udp:/],
    ['accounts[0].trunks[0].trusted[0]', 'carrier', 'accounts[0].trunks[0].trusted[0]: must be an IP address, or one with :port'],
    [
      'accounts[0].conferences',
      [{ number: '101' }],
      'accounts[0].conferences[0].number: 101 is already at accounts[0].extensions[0].number',
    ],
    [
      'accounts[0].users[0].password',
      'secret',
      'accounts[0].users[0].password: must be the hash that "npx sotto hash-password" prints (scrypt$…), never the password itself',
    ],
    ['accounts[0].users[0].password', aHash, 'accounts[0].users[0].username: is required beside a password'],
    ['accounts[0].users[0].email', 'paco', 'accounts[0].users[0].email: must be an e-mail address, not "paco"'],
    ['accounts[0].users[0].permissions', { groups: ['999'] }, 'accounts[0].users[0].permissions.groups[0]: there is no group 999'],
    [
      'accounts[0].users[2].permissions',
      { verbs: ['see', 'barge'] },
      'accounts[0].users[2].permissions.verbs[1]: the role agent does not include barge',
    ],
    [
      'accounts[0].users[0].permissions',
      { verbs: ['listen'] },
      /^accounts\[0\]\.users\[0\]\.permissions\.verbs\[0\]: must be one of see, /,
    ],
    ['accounts[0].users[0].permissions', { teams: [] }, 'accounts[0].users[0].permissions.teams: there is no such key'],
    ['sessions.idleMinutes', 0, /^sessions\.idleMinutes: /],
    [
      'oidc',
      { issuer: 'http://login.example.com', clientId: 'a', clientSecret: 'b' },
      'oidc.issuer: must be an https URL; http is for the machine itself only',
    ],
    [
      'accounts[0].oidc',
      { issuer: 'https://login.example.com', clientId: 'a', clientSecret: 'b', accountClaim: 'tid' },
      'accounts[0].oidc.accountClaim: there is no such key',
    ],
    ['accounts[0].conferences', [{ number: '900', pin: 'x' }], 'accounts[0].conferences[0].pin: must be 1 to 16 digits, not "x"'],
    ['accounts[0].recording', { onDemand: 'no' }, 'accounts[0].recording.onDemand: must be boolean, not "no"'],
    ['accounts[0].dispositions[1]', 'Sale', 'accounts[0].dispositions[1]: Sale is already at accounts[0].dispositions[0]'],
    ['accounts[0].groups[0].requireDisposition', 1, 'accounts[0].groups[0].requireDisposition: must be boolean, not 1'],
    [
      'accounts[0].credentials.yeastar[0].role',
      'boss',
      'accounts[0].credentials.yeastar[0].role: must be one of admin, supervisor, agent, observer, not "boss"',
    ],
    ['accounts[0].credentials.smartflo[0].agent', '9', 'accounts[0].credentials.smartflo[0].agent: there is no agent 9'],
    [
      'accounts[1].credentials.smartflo[0].apiToken',
      'smartflo-token-a',
      'accounts[1].credentials.smartflo[0].apiToken: the same value is already at accounts[0].credentials.smartflo[0].apiToken',
    ],
    ['accounts[1].owner', '3', 'accounts[1].owner: 3 is already at accounts[0].owner'],
    ['accounts[1].key', 'oauth2', 'accounts[1].key: oauth2 is a word of the APIs’ own paths'],
    ['accounts[1].key', 'broadcast', 'accounts[1].key: broadcast is a word of the APIs’ own paths'],
    ['http.publicUrl', 'calls.example.com', /^http\.publicUrl: must be http:\/\/ or https:\/\//],
    ['http.publicUrl', 'https://calls.example.com/', /^http\.publicUrl: must be http:\/\/ or https:\/\//],
    ['http.publicUrl', 'https://[nonsense', 'http.publicUrl: must be an address, not "https://[nonsense"'],
    ['dialects', { asterisk: {} }, 'dialects.asterisk: there is no such key'],
    ['dialects', { voipnow: { updateStatus: 204 } }, 'dialects.voipnow.updateStatus: must be one of 202, 200, not 204'],
    ['dialects', { yeastar: { flavour: 'red' } }, 'dialects.yeastar.flavour: must be one of auto, openvox, yeastar, not "red"'],
    ['dialects', { ringcx: { prefix: '/ringcx/' } }, /^dialects\.ringcx\.prefix: must be a path such as \/ringcx/],
    ['dialects', { ringcx: { prefix: '/sotto' } }, 'dialects.ringcx.prefix: /sotto is a path of Sotto’s own API'],
    [
      'dialects',
      { ringcx: { prefix: '/a' }, smartflo: { prefix: '/a' } },
      'dialects.smartflo.prefix: /a is already at dialects.ringcx.prefix',
    ],
    [
      'dialects',
      { ringcx: { hosts: ['a.test'] }, smartflo: { hosts: ['A.test'] } },
      'dialects.smartflo.hosts[0]: A.test is already at dialects.ringcx.hosts[0]',
    ],
    ['dialects', { smartflo: { tokenSeconds: 86_401 } }, /^dialects\.smartflo\.tokenSeconds: must be <= 86400/],
    ['callOuts', { allow: ['10.0.0.0/33'] }, 'callOuts.allow[0]: must be an IP address or a network such as 10.0.0.0/8'],
    ['callOuts', { allow: ['localhost'] }, 'callOuts.allow[0]: must be an IP address or a network such as 10.0.0.0/8'],
    ['accounts', [], /^accounts: must not have fewer than 1/],
    ['limits', { callsPerNode: 0 }, /^limits\.callsPerNode: must be >= 1/],
    ['limits', { partiesPerCall: 99 }, 'limits.partiesPerCall: there is no such key'],
  ]
  for (const [key, value, says] of cases) {
    test(String(says), () => {
      const problems = said({ [key]: value })
      assert.ok(
        problems.some((p) => (typeof says === 'string' ? p === says : says.test(p))),
        `said instead: ${problems.join(' | ')}`,
      )
    })
  }
})

test('all that is wrong is told at once', () => {
  const modes = Array.from({ length: 8 }, (_, i) => [`accounts[0].extensions[${i}].monitorMode`, 'loud'])
  const problems = said({ ...Object.fromEntries(modes), colour: 'blue', 'media.ports': 7 })
  assert.equal(problems.length, 10, problems.join('\n'))
})

test('a secret is never shown', () => {
  const problems = said({
    'accounts[0].extensions[0].password': 4711,
    'accounts[0].credentials.native[0].key': 4711,
    'accounts[0].credentials.smartflo[0].apiToken': 4711,
  })
  assert.equal(problems.length, 3)
  assert.doesNotMatch(problems.join(), /4711/)
})

test('a file that cannot be read or is no JSON is a problem, not an exception', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-config-'))
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '{ "node": "n1", }')
  const missing = loadSettings(join(folder, 'missing.json'))
  const malformed = loadSettings(broken)
  assert.ok(!missing.ok && !malformed.ok)
  assert.match(explain('missing.json', missing.error), /^The configuration missing\.json cannot be used:\n {2}cannot be read: /)
  assert.match(explain('broken.json', malformed.error), /is no JSON/)
  assert.ok(loadSettings(referenceFile).ok)
})

test('storage for recordings, and what is said before them', () => {
  const s3 = { bucket: 'calls', accessKeyId: 'a', secretAccessKey: 'b' }
  const usual = { region: 'us-east-1', prefix: '', pathStyle: false }
  const announcement = { file: 'said.wav' }
  const settings = good(changed({ recordings: { s3, keepLocalDays: 0 }, 'accounts[0].recording': { announcement, format: 'flac' } }))
  assert.deepEqual(settings.recordings, { s3: { ...usual, ...s3 }, keepLocalDays: 0 })
  assert.deepEqual(settings.accounts[0]?.recording.announcement, { file: resolve('said.wav'), to: 'all' })
  assert.deepEqual(good(changed({})).recordings, {})
  const byEnvironment = { SOTTO_S3_ACCESS_KEY_ID: 'x', SOTTO_S3_SECRET_ACCESS_KEY: 'y' }
  const named = parseSettings(changed({ recordings: { s3: { bucket: 'calls' } } }), byEnvironment)
  assert.deepEqual(named.ok && named.value.recordings.s3, { ...usual, bucket: 'calls', accessKeyId: 'x', secretAccessKey: 'y' })
  for (const [wrong, key] of [
    [{ keepLocalDays: 3 }, 'recordings.keepLocalDays'],
    [{ s3: { ...s3, endpoint: 'calls.example' } }, 'recordings.s3.endpoint'],
    [{ s3: { ...s3, prefix: '/a' } }, 'recordings.s3.prefix'],
    [{ s3: { ...s3, bucket: 'A/b' } }, 'recordings.s3.bucket'],
  ] as const)
    assert.ok(
      said({ recordings: wrong }).some((line) => line.startsWith(key)),
      key,
    )
})

test('an announcement that cannot be played is told before the first call', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-config-'))
  const [file, text] = [join(folder, 'call-centre.json'), join(folder, 'said.wav')]
  for (const [content, why] of [
    ['no sound', 'not a WAV file'],
    [wavOf(61, 0), 'it is longer than 60 s'],
    [wavOf(2, 0), undefined],
  ] as const) {
    writeFileSync(text, content)
    writeFileSync(file, JSON.stringify(changed({ 'accounts[0].recording': { announcement: { file: text } } })))
    const outcome = loadSettings(file)
    const problem = { key: 'accounts[0].recording.announcement.file', why: `${text} cannot be played: ${why}` }
    assert.deepEqual(outcome.ok ? [] : outcome.error, why === undefined ? [] : [problem])
  }
})

test('files that the configuration names must be there', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'sotto-config-')), 'call-centre.json')
  writeFileSync(file, JSON.stringify(changed({ 'sip.tls': { cert: file, key: '/nowhere/key.pem' }, 'media.holdMusic': '/nowhere/a.wav' })))
  const outcome = loadSettings(file)
  assert.deepEqual(outcome.ok ? [] : outcome.error, [
    { key: 'sip.tls.key', why: '/nowhere/key.pem cannot be read' },
    { key: 'media.holdMusic', why: '/nowhere/a.wav cannot be read' },
  ])
})

test('docs/configuration.md has a row for every key, and for no other', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^\| `([A-Za-z0-9.[\]]+)` \|/gm)].map((m) => m[1])
  assert.deepEqual([...documented].sort(), [...keysOf(configurationSchema, '')].sort())
})

/** Every key of the schema that holds a value, arrays as `[]`. */
function keysOf(schema: unknown, at: string): readonly string[] {
  const { properties, items } = schema as { properties?: Record<string, unknown>; items?: unknown }
  if (properties !== undefined) return Object.entries(properties).flatMap(([key, inner]) => keysOf(inner, at === '' ? key : `${at}.${key}`))
  const nested = items !== undefined && (items as { properties?: unknown }).properties !== undefined
  return nested ? keysOf(items, `${at}[]`) : [at]
}
