/** Every request of Sotto's own API, by every role, unlimited and limited to the call's groups and to others, in front of the real desk. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { accountA } from '../../testkit/desk.ts'
import { Exchange, type Reply } from '../../testkit/exchange.ts'
import { RecordingFolder } from '../../testkit/recording-shelf.ts'
import { documentOf, type Role, type Row, rowsOf } from './table.ts'

type Team = 'all' | 'own' | 'other'

interface Caller {
  readonly key: string
  readonly role: Role
  readonly team: Team
  /** A phone of his is in the call. */
  readonly isIn: boolean
}

/** The call is one of group 030, with agent 1234 at extension 210. */
const groupsOf: Readonly<Record<Team, unknown>> = { all: 'all', own: ['030'], other: ['200'] }
const roles = ['admin', 'supervisor', 'agent', 'observer'] as const
const callers: readonly Caller[] = [
  ...roles.flatMap((role) => (['all', 'own', 'other'] as const).map((team) => ({ key: `${role}-${team}`, role, team, isIn: false }))),
  { key: 'agent-in', role: 'agent', team: 'all', isIn: true },
  { key: 'agent-in-other', role: 'agent', team: 'other', isIn: true },
  { key: 'supervisor-in-other', role: 'supervisor', team: 'other', isIn: true },
]

interface Configured {
  readonly accounts: {
    id: string
    supervision?: object
    users: object[]
    credentials: { native: object[] }
  }[]
}

function withCallers({ accounts: [account] }: Configured): void {
  assert.ok(account !== undefined)
  account.supervision = { visibleToAgents: true }
  for (const { key, role, team, isIn } of callers) {
    // Supervisors who see the call have the phone that supervises it: what others' phones do, whom groups limit does not change.
    const supervises = (role === 'admin' || role === 'supervisor') && (team === 'own' || isIn)
    const extensions = ['102', ...(supervises ? ['101'] : []), ...(isIn ? ['210'] : [])]
    const permissions = team === 'all' ? {} : { permissions: { groups: groupsOf[team] } }
    account.users.push({ id: key, name: key, role: role === 'observer' ? 'agent' : role, extensions, ...permissions })
    account.credentials.native.push({ key, role, user: key })
  }
}

let exchange: Exchange
let folder: RecordingFolder
let rows: readonly Row[]
before(async () => {
  folder = new RecordingFolder()
  exchange = await Exchange.open({ change: withCallers, recordings: folder.root })
  // One agent of the group alone, so that it is always he.
  exchange.register(['210', '106', '101'])
  rows = rowsOf((await exchange.ask('GET /openapi.json')).json)
})
after(async () => {
  await exchange.close()
  folder.close()
})

/** What a request is about, made anew for each. */
interface Scene {
  readonly names: Readonly<Record<string, string>>
}

const whole = { Authorization: 'Bearer admin-all', 'Content-Type': 'application/json' }

async function scene({ request }: Row, number: number): Promise<Scene> {
  await clear()
  exchange.advance(1_000)
  const call = exchange.callsIn('+18661234567', { number: customer })
  exchange.answers('210')
  const supervised = await order(`POST /sotto/v1/calls/${call.id}/supervisions`, { supervisor: { extension: '101' }, mode: 'monitor' })
  exchange.answers('101')
  const webhook = request.includes('{webhook}') ? await order('POST /sotto/v1/webhooks', { url: 'https://example.com/x' }) : { id: 'none' }
  const recording = `${call.id}-${number}`
  folder.file(accountA, { id: recording, call: call.id, startedAt: exchange.now })
  const party = exchange.call(call).parties.find(({ role }) => role === 'agent')?.id ?? ''
  const names = { call: call.id, party, supervision: supervised.id, recording, webhook: webhook.id }
  return { names: { ...names, agent: '1234', line: 'none', session: 'none' } }
}

const customer = '+15550001111'

async function clear(): Promise<void> {
  await order('PUT /sotto/v1/agents/1234/state', { state: 'available' })
  for (const call of exchange.desk.calls(accountA)) await order(`DELETE /sotto/v1/calls/${call.id}`)
  for (const { id } of (await order('GET /sotto/v1/webhooks')).items) await order(`DELETE /sotto/v1/webhooks/${id}`)
}

async function order(line: string, body?: object) {
  const { status, json, text } = await exchange.ask(line, { headers: whole, ...(body && { body: JSON.stringify(body) }) })
  assert.ok(status < 300, `${line}: ${text}`)
  return json
}

const bodies: Readonly<Record<string, object>> = {
  originateCall: { from: { agent: '1234' }, to: { extension: '106' } },
  transferCall: { to: { extension: '106' }, type: 'blind' },
  superviseCall: { supervisor: { extension: '102' }, mode: 'monitor' },
  changeSupervision: { mode: 'whisper' },
  setRecording: { state: 'on' },
  setDisposition: { disposition: 'Sale' },
  unparkCall: { to: { extension: '106' } },
  pickUpCall: { to: { extension: '106' } },
  requeueCall: { group: '200' },
  setAgentState: { state: 'away' },
  raiseHand: { raised: false },
  setLegalHold: { legalHold: false },
  createWebhook: { url: 'https://example.com/y' },
  changeWebhook: { description: 'z' },
  openLine: { offer: 'v=0' },
  renewLine: { offer: 'v=0' },
}

const queries: Readonly<Record<string, (names: Scene['names']) => string>> = {
  erasePerson: () => '?number=%2B15550009999&dryRun=true',
  streamLevels: ({ call }) => `?calls=${call}`,
  listAudit: ({ call }) => `?call=${call}`,
}

function ask({ request, id }: Row, { names }: Scene, key: string): Promise<Reply> {
  const [method = '', path = ''] = request.split(' ')
  const target = `${path.replaceAll(/\{(\w+)\}/g, (_, name) => names[name] ?? 'none')}${queries[id]?.(names) ?? ''}`
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
  const body = method === 'GET' ? {} : { body: JSON.stringify(bodies[id] ?? {}) }
  // A stream would not end.
  return exchange.ask(`${id.startsWith('stream') ? 'HEAD' : method} ${target}`, { headers, ...body })
}

type Outcome = 'done' | 'refused' | 'unknown' | 'empty'

const unknown = ['call-unknown', 'resource-unknown', 'endpoint-unknown', 'party-unknown']

/** `refused` is for want of permission; what the state of the call or of the server forbids was permitted. */
function outcomeOf({ id, reach }: Row, { names }: Scene, { status, json, text }: Reply): Outcome {
  assert.notEqual(status, 401, text)
  assert.notEqual(status, 500, text)
  if (status === 403) return 'refused'
  if (status === 404 && unknown.includes(json?.code)) return 'unknown'
  const named = { listAgents: '"1234"', listExtensions: '"210"', listGroups: '"030"' }[id] ?? names.call ?? ''
  return reach === 'left-out' && !id.startsWith('stream') && status === 200 && !text.includes(named) ? 'empty' : 'done'
}

/** In the table's words. */
function expected({ roles: may, reach, id }: Row, { role, team, isIn }: Caller): readonly Outcome[] {
  if (may[role] === 'no') return ['refused']
  if (reach === 'whole') return team === 'all' ? ['done'] : ['refused']
  const isHis = team !== 'other' || isIn
  // Whether a call is his own is asked before whether it exists; of what he does not see neither is told.
  if (may[role] === 'own' && isHis && !isIn) return ['refused']
  if (reach === 'hidden') return isHis ? ['done'] : ['unknown']
  // A phone in the call makes the call his, and not the group.
  if (reach === 'left-out' && !id.startsWith('stream')) return isHis && (id !== 'listGroups' || team !== 'other') ? ['done'] : ['empty']
  // Nobody has opened a line or a session of this name.
  return reach === 'own' ? ['done', 'unknown'] : ['done']
}

describe('permissions', () => {
  test('docs/permissions.md is what the code says', async () => {
    const { json } = await exchange.ask('GET /openapi.json')
    assert.equal(readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8'), documentOf(json), 'run npm run docs')
  })

  test('every request says what it needs', () => {
    assert.ok(rows.length > 45)
  })

  test('every request does for every caller what the table says', async () => {
    const wrong: string[] = []
    let number = 0
    for (const row of rows) {
      for (const caller of callers) {
        number += 1
        const about = await scene(row, number)
        if (row.id === 'listCdrs') exchange.hangsUp(customer)
        const reply = await ask(row, about, caller.key)
        const [is, ought] = [outcomeOf(row, about, reply), expected(row, caller)]
        if (!ought.includes(is))
          wrong.push(`${row.request} by ${caller.key}: ${is} (${reply.status} ${reply.json?.code ?? ''}), not ${ought.join(' or ')}`)
      }
    }
    assert.deepEqual(wrong, [])
  })
})
