/** Ending a whole call, and ending a supervisor's part in it. */
import assert from 'node:assert/strict'
import { act, calls, nothingThere, types } from './acts.ts'
import { noSupervision, supervising, supervisorIn } from './supervision.ts'

act(
  'hang up the call',
  {
    voipnow: {
      ask: 'DELETE /uapi/phoneCalls/12/0003*210/$call/',
      status: 200,
      type: types.voipnow,
      says: '[{"id":"$call","extension":"0003*210"}]',
    },
    yeastar: {
      ask: 'POST /api/v1.1.0/inbound/hangup?token=$token',
      body: '{"inboundid":"$call"}',
      status: 200,
      type: types.yeastar,
      says: '{"status":"Success"}',
    },
    ringcx: { ask: `POST ${calls}/$call/hangupCall`, status: 200, type: 'text/plain', says: 'true' },
    newvoicemedia: {
      notOffered: 'its calls are ended through the other dialects',
      attempt: {
        ask: 'DELETE /v0/a1b2c3d4e5/calls/$call',
        status: 405,
        type: types.newvoicemedia,
        says: `{"message":"The requested resource does not support http method 'DELETE'."}`,
        and: [['Allow', 'GET, HEAD, POST']],
      },
    },
    smartflo: {
      ask: 'POST /v1/call/hangup',
      body: '{"call_id":"$call"}',
      headers: { 'Content-Type': 'application/json' },
      status: 200,
      type: types.smartflo,
      says: '{"success":true,"message":"Call hangup queued"}',
    },
  },
  {
    check: ({ exchange, call }) => {
      assert.ok(exchange.call(call).endedAt !== undefined)
      assert.deepEqual(
        [...exchange.engine.legs.values()].map(({ phase }) => phase),
        ['over', 'over'],
      )
    },
  },
)

const supervise = supervising('whisper')

act(
  'hang up the supervisor',
  {
    voipnow: {
      ask: 'DELETE /uapi/phoneCalls/12/0003*210/$call?phoneNumber=0003*024',
      status: 200,
      type: types.voipnow,
      says: '[{"id":"$call","extension":"0003*210"}]',
    },
    yeastar: {
      ask: 'POST /api/v1.1.0/extension/hangup?token=$token',
      body: '{"extid":"101"}',
      status: 200,
      type: types.yeastar,
      says: '{"status":"Success"}',
    },
    ringcx: { ask: `POST ${calls}/$call/hangupSession?phone=+15554150123`, status: 200, type: 'text/plain', says: 'true' },
    newvoicemedia: noSupervision('hangup'),
    smartflo: { notOffered: 'the supervisor hangs up his phone', attempt: nothingThere.smartflo('call/unsupervise') },
  },
  {
    arrange: async ({ expect, exchange, dialect }) => {
      if (dialect === 'newvoicemedia') return
      await expect(supervise[dialect])
      exchange.answers(supervisorIn(dialect))
    },
    check: ({ exchange, call, dialect }) => {
      assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
      const legs = [...exchange.engine.legs.values()].filter((leg) => leg.address === supervisorIn(dialect))
      assert.deepEqual(
        legs.map(({ phase }) => phase),
        ['over'],
      )
      assert.equal(exchange.call(call).endedAt, undefined, 'the call goes on')
    },
  },
)
