/** Another extension takes the agent's place. */
import assert from 'node:assert/strict'
import { act, nothingThere, phoneCall, types } from './acts.ts'

act(
  'transfer',
  {
    voipnow: {
      ask: 'PUT /uapi/phoneCalls/12/0003*210/$call',
      headers: { 'Content-Type': 'application/json' },
      body: '{"action":"Transfer","sendCallTo":"0003*211","phoneCallViewId":"01"}',
      status: 202,
      type: types.voipnow,
      says: phoneCall,
    },
    yeastar: {
      ask: 'POST /api/v1.1.0/inbound/transfer_extension?token=$token',
      body: '{"inboundid":"$call","extid":"211"}',
      status: 200,
      type: types.yeastar,
      says: '{"status":"Success","callid":"$call"}',
    },
    ringcx: { notOffered: 'there is no transfer verb', attempt: nothingThere.ringcx('transferCall') },
    newvoicemedia: { notOffered: 'one can only make calls', attempt: nothingThere.newvoicemedia('transfer') },
    smartflo: {
      ask: 'POST /v1/call/options',
      headers: { 'Content-Type': 'application/json' },
      body: '{"type":"4","call_id":"$call","intercom":"211"}',
      status: 200,
      type: types.smartflo,
      says: '{"success":true,"message":"Call transfer started"}',
    },
  },
  {
    check: ({ exchange, call }) => {
      assert.equal(exchange.leg('211').phase, 'ringing')
      exchange.answers('211')
      assert.deepEqual(exchange.hearing(call), { '211': ['6501234567'], '6501234567': ['211'] })
      assert.equal(exchange.call(call).endedAt, undefined)
    },
  },
)
