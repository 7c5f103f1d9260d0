/** What belongs to another account is answered as what does not exist, to the byte (shared rule W16). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DialectName, dialectNames } from '../../src/directory/settings.ts'
import { accountB } from '../../testkit/desk.ts'
import { calls, idOf, inScene, type Row, type Scene } from './acts.ts'

type Asking = Pick<Row, 'ask' | 'headers' | 'body'>

/** `$it` is theirs, or nobody's. */
const ofCalls: Readonly<Record<DialectName, readonly Asking[]>> = {
  voipnow: [
    { ask: 'PUT /uapi/phoneCalls/@me/@self/$it', body: '{"action":"Whisper","sendCallTo":"0003*024","phoneCallViewId":"01"}' },
    { ask: 'GET /uapi/phoneCalls/@me/@self/$it' },
    { ask: 'DELETE /uapi/phoneCalls/@me/@self/$it' },
  ],
  yeastar: [
    { ask: 'POST /api/v1.1.0/inbound/hangup?token=$token', body: '{"inboundid":"$it"}' },
    { ask: 'POST /api/v1.1.0/inbound/query?token=$token', body: '{"inboundid":"$it"}' },
    { ask: 'POST /api/v2.0.0/call/hangup?token=$token', body: '{"callid":"$it"}' },
  ],
  ringcx: [
    { ask: `POST ${calls}/$it/hangupCall` },
    { ask: `POST ${calls}/$it/addSessionToCall?destination=+15554150123&sessionType=COACHING` },
    { ask: `GET ${calls.replace('activeCalls', 'callHistory')}/$it` },
  ],
  newvoicemedia: [
    { ask: 'GET /v0/a1b2c3d4e5/calls/$it' },
    { ask: 'POST /v0/a1b2c3d4e5/calls/$it', headers: { 'Content-Type': 'application/json' }, body: '{"recordingStatus":"Paused"}' },
  ],
  smartflo: [
    { ask: 'POST /v1/call/options', body: '{"type":2,"call_id":"$it","agent_id":"0502842370097"}' },
    { ask: 'POST /v1/call/hangup', body: '{"call_id":"$it"}' },
    { ask: 'GET /v1/live_calls/$it' },
  ],
}

/** The name of somebody there, and one that nobody has. */
const ofPeople: Readonly<Record<DialectName, { readonly theirs: string; readonly nobodys: string; readonly asks: readonly Asking[] }>> = {
  voipnow: {
    theirs: '0004*101',
    nobodys: '0004*999',
    asks: [
      { ask: 'PUT /uapi/phoneCalls/12/0003*210/$call', body: '{"action":"Whisper","sendCallTo":"$it","phoneCallViewId":"01"}' },
      { ask: 'GET /uapi/phoneCalls/@me/$it' },
      { ask: 'GET /uapi/extensions/@me/$it/presence' },
    ],
  },
  yeastar: {
    theirs: '0004*101',
    nobodys: '0004*999',
    asks: [
      { ask: 'POST /api/v1.1.0/extension/whisper?token=$token', body: '{"whisperer":"$it","whisperedext":"210"}' },
      { ask: 'POST /api/v1.1.0/extension/query?token=$token', body: '{"extid":"$it"}' },
    ],
  },
  ringcx: {
    theirs: 'other.agent@example.org',
    nobodys: 'nobody@example.org',
    asks: [{ ask: `POST ${calls}/createManualAgentCall?username=$it&destination=6501234567&ringDuration=5&callerId=08008888888` }],
  },
  newvoicemedia: {
    theirs: '7777',
    nobodys: '7778',
    asks: [
      { ask: 'POST /v0/a1b2c3d4e5/calls/', body: '{"from":{"agentId":"$it"},"to":{"telephoneNumber":"02072068888"}}' },
      { ask: 'POST /v0/a1b2c3d4e5/calls/', body: '{"from":{"agentId":"4567"},"to":{"agentId":"$it"}}' },
      { ask: 'GET /v0/a1b2c3d4e5/agents/$it' },
    ],
  },
  smartflo: {
    theirs: '7777',
    nobodys: '7778',
    asks: [
      { ask: 'POST /v1/call/options', body: '{"type":2,"call_id":"$call","agent_id":"$it"}' },
      { ask: 'POST /v1/call/options', body: '{"type":4,"call_id":"$call","intercom":"$it"}' },
      { ask: 'GET /v1/user/$it' },
    ],
  },
}

for (const dialect of dialectNames) {
  test(`another account's call, ${dialect}`, () =>
    inScene(dialect, async (scene) => {
      const theirs = idOf(dialect, theirCall(scene))
      await alike(scene, ofCalls[dialect], { theirs, nobodys: theirs.replace(/.$/, (digit) => (digit === '1' ? '2' : '1')) })
      assert.equal(scene.exchange.desk.calls(accountB).length, 1, 'nothing happened to it')
    }))

  test(`another account's people, ${dialect}`, () =>
    inScene(dialect, async (scene) => {
      theirCall(scene)
      await alike(scene, ofPeople[dialect].asks, ofPeople[dialect])
      const legs = [...scene.exchange.engine.legs.values()].filter((leg) => leg.account === accountB)
      assert.equal(legs.length, 2, 'nobody there is called')
    }))
}

function theirCall({ exchange }: Scene) {
  exchange.register(['101', '210'], accountB)
  const call = exchange.dials('101', '210', accountB)
  exchange.answers('210')
  return exchange.call(call)
}

/** The same bytes, once the name itself is taken out. */
async function alike(
  { ask, names }: Scene,
  asks: readonly Asking[],
  it: { readonly theirs: string; readonly nobodys: string },
): Promise<void> {
  const said = async (row: Asking, name: string) => {
    names.it = name
    const { status, text, headers } = await ask(row)
    const without = text.replaceAll(name, '$it').replace(/"timestamp":\d+/, '')
    return { status, text: without, type: headers['content-type'], length: status === 200 ? 0 : without.length }
  }
  for (const row of asks) {
    const theirs = await said(row, it.theirs)
    assert.deepEqual(theirs, await said(row, it.nobodys), row.ask)
    assert.doesNotMatch(theirs.text, /Other/, row.ask)
  }
}
