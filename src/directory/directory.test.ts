import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseSettings } from '../edge/config.ts'
import { numberPlan } from '../edge/numbers.ts'
import { accountId } from '../kernel/ids.ts'
import { buildDirectory } from './directory.ts'
import type { Destination } from './people.ts'
import type { MonitorMode } from './settings.ts'
import type { SupervisionMode } from './supervise.ts'

const file = new URL('../../fixtures/call-centre.json', import.meta.url)
const parsed = parseSettings(JSON.parse(readFileSync(file, 'utf8')))
assert.ok(parsed.ok)
const directory = buildDirectory(parsed.value.accounts, numberPlan)
const a = accountId('12440011')
const b = accountId('12440022')

const shown = (d: Destination): string => {
  if (d.kind === 'extension') return `extension ${d.extension.account} ${d.extension.number}`
  return d.kind === 'group' ? `group ${d.group.account} ${d.group.id}` : `${d.trunk.id} ${d.number}`
}

const dialled = (account: typeof a, text: string): string => {
  const outcome = directory.dial(account, text)
  return outcome.ok ? shown(outcome.value) : outcome.error.code
}

const dialling: readonly (readonly [text: string, leadsTo: string])[] = [
  ['101', 'extension 12440011 101'],
  ['024', 'extension 12440011 024'],
  ['0003*101', 'extension 12440011 101'],
  ['0003*830', 'group 12440011 030'],
  ['830', 'group 12440011 030'],
  ['0004*101', 'endpoint-unknown'],
  ['0004*999', 'endpoint-unknown'],
  ['0003*999', 'endpoint-unknown'],
  ['999*', 'number-invalid'],
  ['*67', 'number-invalid'],
  ['299', 'endpoint-unknown'],
  ['', 'number-invalid'],
  ['+', 'number-invalid'],
  ['alice', 'number-invalid'],
  ['+12', 'number-invalid'],
  ['12+34', 'number-invalid'],
  ['9'.repeat(33), 'number-invalid'],
  ['+44 20 7206-8888', 'pstn +442072068888'],
  ['(020) 7206.8888', 'pstn +442072068888'],
  ['00442072068888', 'pstn +442072068888'],
  ['+15554150999', 'pstn +15554150999'],
  ['0015554150999', 'pstn +15554150999'],
  ['6501234567', 'pstn 6501234567'],
  ['112', 'pstn 112'],
  ['+15554150123', 'extension 12440011 101'],
  ['15554150123', 'extension 12440011 101'],
  ['+1 (555) 415-0123', 'extension 12440011 101'],
  ['+18661234567', 'group 12440011 030'],
  ['18661234568', 'extension 12440011 106'],
  // The public number of the other account is a public number like any other.
  ['+18669999999', 'pstn +18669999999'],
]
for (const [text, leadsTo] of dialling) {
  test(`account A dials ${JSON.stringify(text)}: ${leadsTo}`, () => assert.equal(dialled(a, text), leadsTo))
}

const withoutTrunk: readonly (readonly [text: string, leadsTo: string])[] = [
  ['101', 'extension 12440022 101'],
  ['0003*106', 'endpoint-unknown'],
  ['106', 'endpoint-unknown'],
  ['8669999999', 'group 12440022 030'],
  ['+442072068888', 'destination-not-allowed'],
  ['2125550123', 'destination-not-allowed'],
  ['12345678', 'number-invalid'],
]
for (const [text, leadsTo] of withoutTrunk) {
  test(`account B, of the US and without a trunk, dials ${text}: ${leadsTo}`, () => assert.equal(dialled(b, text), leadsTo))
}

test('the longest prefix of any form of the number chooses the trunk, in a tie the form that was dialled', () => {
  const settings = parsed.value.accounts[0]
  assert.ok(settings !== undefined)
  const trunk = (id: string, destinations: readonly string[]) => ({ id, peer: 'udp:127.0.0.1:5090', trusted: [], destinations })
  const own = buildDirectory(
    [{ ...settings, trunks: [trunk('world', ['+', '0']), trunk('uk', ['+44']), trunk('london', ['020'])] }],
    numberPlan,
  )
  const via = (text: string) => {
    const outcome = own.dial(a, text)
    return outcome.ok && outcome.value.kind === 'number' ? outcome.value.trunk.id : 'none'
  }
  assert.deepEqual(['+33142685300', '+441132000000', '02072068888', '+442072068888', '6501234567'].map(via), [
    'world',
    'uk',
    'london',
    'uk',
    'none',
  ])
})

test('an inbound call finds its account by the number, whichever trunk it came over', () => {
  const leads = (text: string) => {
    const found = directory.inbound(text, a)
    return found === undefined ? 'nowhere' : shown(found.routeTo)
  }
  assert.deepEqual(['+18661234567', '18661234568', '+18669999999', '+15554160210', '0018661234567', '+18660000000', '106'].map(leads), [
    'group 12440011 030',
    'extension 12440011 106',
    'group 12440022 030',
    'extension 12440022 210',
    'group 12440011 030',
    'nowhere',
    'nowhere',
  ])
  assert.equal(directory.inbound('+18669999999')?.account, b)
})

test('agent ids compare without leading zeros, and belong to their account', () => {
  assert.equal(directory.agent(a, '502842370097')?.id, '0502842370097')
  assert.equal(directory.agent(a, '0001234')?.id, '1234')
  assert.equal(directory.agent(b, '1234'), undefined)
  assert.equal(directory.agentOfExtension(a, '210')?.id, '1234')
  assert.equal(directory.agentByUsername(a, 'Ana+Ruiz@example.com')?.id, '4567')
  assert.deepEqual(
    directory.groupsOfAgent(a, '01234').map((g) => g.id),
    ['030'],
  )
})

test('direct numbers reach extensions of the own account only', () => {
  assert.equal(directory.extensionByDirectNumber(a, '+1 555 415 0106')?.number, '106')
  assert.equal(directory.extensionByDirectNumber(b, '+15554150106'), undefined)
  assert.equal(directory.extensionByDirectNumber(a, '+18661234568')?.number, '106')
  assert.equal(directory.extensionByDirectNumber(a, '+18661234567'), undefined, 'it leads to a group')
})

test('numbers that may be shown compare in every form', () => {
  assert.deepEqual(
    ['08008888888', '+448008888888', '+18661234567', '18661234567', '+18669999999'].map((n) => directory.mayPresent(a, n)),
    [true, true, true, true, false],
  )
})

const permitted: Record<MonitorMode, readonly SupervisionMode[]> = {
  extensive: ['monitor', 'whisper', 'barge'],
  listen: ['monitor'],
  whisper: ['whisper'],
  'barge-in': ['barge'],
  disabled: [],
}
for (const [monitorMode, allowed] of Object.entries(permitted)) {
  test(`monitorMode ${monitorMode} permits ${allowed.join(', ') || 'nothing'}`, () => {
    const supervisor = directory.extension(a, '101')
    const target = directory.extension(a, '106')
    assert.ok(supervisor !== undefined && target !== undefined)
    for (const mode of ['monitor', 'whisper', 'barge'] as const) {
      const outcome = directory.maySupervise({ supervisor: { ...supervisor, monitorMode: monitorMode as MonitorMode }, target, mode })
      assert.equal(outcome.ok ? 'allowed' : outcome.error.code, allowed.includes(mode) ? 'allowed' : 'mode-not-allowed')
    }
  })
}

test('nobody supervises who may not be, himself, or somebody of another account', () => {
  const code = (target: [typeof a, string]) => {
    const supervisor = directory.extension(a, '101')
    const who = directory.extension(...target)
    assert.ok(supervisor !== undefined && who !== undefined)
    const outcome = directory.maySupervise({ supervisor: { ...supervisor, mayBeMonitored: true }, target: who, mode: 'monitor' })
    return outcome.ok ? 'allowed' : outcome.error.code
  }
  assert.equal(code([a, '212']), 'supervision-not-allowed')
  assert.equal(code([a, '101']), 'supervision-not-allowed')
  assert.equal(code([b, '210']), 'endpoint-unknown')
})

test('the SIP layer learns every phone and trunk, and nothing else', () => {
  const { extensions, trunks } = directory.sipAccounts()
  assert.equal(extensions.length, 10)
  assert.deepEqual(extensions[0], { account: a, code: '0003', number: '101', password: 'pw-101' })
  assert.deepEqual(trunks, [{ account: a, id: 'pstn', peer: 'udp:127.0.0.1:5090', trusted: ['127.0.0.1:5090'] }])
})

test('keys of the native API know their account and user', () => {
  assert.equal(directory.nativeKeys.length, 4)
  assert.deepEqual(directory.nativeKeys[3], { account: b, key: 'sk_test_supervisor_b', role: 'supervisor', user: '21' })
})

test('accounts are found by each of their names', () => {
  assert.equal(directory.accountByKey('a1b2c3d4e5')?.id, a)
  assert.equal(directory.accountByCode('0004')?.id, b)
  assert.equal(directory.accountByOwner('3')?.id, a)
  const strangers = [directory.accountByKey('A1B2C3D4E5'), directory.accountByCode('4'), directory.accountByOwner('12440011')]
  assert.deepEqual(strangers, [undefined, undefined, undefined])
})

test('credentials of each API are told in one list, with their account', () => {
  const { voipnowApps, yeastarUsers, ringcxKeys, newvoicemediaKeys, smartfloLogins } = directory
  assert.deepEqual(
    voipnowApps.map(({ account, clientId, user }) => [account, clientId, user]),
    [
      [a, 'app-12', '12'],
      [a, 'app-14', '14'],
      [b, 'app-21', '21'],
    ],
  )
  for (const list of [yeastarUsers, ringcxKeys, newvoicemediaKeys, smartfloLogins]) {
    assert.deepEqual(
      list.map(({ account, role }) => [account, role]),
      [
        [a, 'admin'],
        [b, 'admin'],
      ],
    )
  }
  assert.equal(smartfloLogins[0]?.agent, '0502842370097')
})

for (const [first, second, same] of [
  ['+442072068888', '442072068888', true],
  ['+44 20 7206-8888', '(020) 7206.8888', true],
  ['020 7206 8888', '02072068888', true],
  ['00442072068888', '+442072068888', true],
  ['+442072068888', '+442072068889', false],
  ['02072068888', '2072068888x', false],
  ['+12072068888', '02072068888', false],
  ['210', '210', true],
  ['210', '211', false],
  ['', '', true],
] as const) {
  test(`${first} and ${second} are ${same ? '' : 'not '}the same number (W20)`, () => {
    assert.equal(directory.sameNumber(a, first, second), same)
    assert.equal(directory.sameNumber(a, second, first), same)
  })
}

test('a number in national form belongs to the account’s country', () => {
  assert.equal(directory.sameNumber(b, '(555) 416-0101', '+15554160101'), true)
  assert.equal(directory.sameNumber(a, '(555) 416-0101', '+15554160101'), false)
})

test('a conference is its account’s', () => {
  const settings = parsed.value.accounts.map((account) =>
    account.id === a ? { ...account, conferences: [{ number: '900', pin: '1' }] } : account,
  )
  const meeting = buildDirectory(settings, numberPlan)
  assert.deepEqual(meeting.conference(a, '900'), { number: '900', pin: '1' })
  assert.deepEqual([meeting.conference(b, '900'), meeting.conference(a, '901'), meeting.conferences(b)], [undefined, undefined, []])
})

test('an amended extension is found amended wherever it is found, and nothing else is', () => {
  const amended = buildDirectory(parsed.value.accounts, numberPlan)
  const others = () => amended.extensions(a).filter((e) => e.number !== '106')
  const before = others()
  const changes = { name: 'Benedict', monitorMode: 'listen', mayBeMonitored: false, ringTimeoutMs: 5_000 } as const
  const extension = { ...amended.extension(a, '106'), ...changes }
  assert.deepEqual(amended.amend(a, '106', changes), extension)
  assert.deepEqual(amended.extension(a, '106'), extension)
  assert.deepEqual(
    amended.extensions(a).find((e) => e.number === '106'),
    extension,
  )
  for (const dialled of ['106', '0003*106', '+15554150106', '+18661234568']) {
    const outcome = amended.dial(a, dialled)
    assert.deepEqual(outcome.ok && outcome.value, { kind: 'extension', extension }, dialled)
  }
  for (const called of ['+15554150106', '+18661234568'])
    assert.deepEqual(amended.inbound(called)?.routeTo, { kind: 'extension', extension }, called)
  assert.deepEqual(amended.extensionByDirectNumber(a, '+15554150106'), extension)
  assert.deepEqual(others(), before)
  assert.equal(amended.extension(b, '101')?.name, 'Other Supervisor')
  assert.equal(amended.amend(a, '999', changes), undefined)
})
