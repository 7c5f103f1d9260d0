/** A call that never was, and one that is over, are answered alike. */
import { type Act, act, calls, idOf, ringcxError, type Scene, types } from './acts.ts'

const table: Act = {
  voipnow: {
    ask: 'PUT /uapi/phoneCalls/@me/@self/$unknown',
    headers: { 'Content-Type': 'application/json' },
    body: '{"action":"Whisper","sendCallTo":"0003*024","phoneCallViewId":"01"}',
    status: 400,
    type: types.voipnow,
    says: '{"error":{"code":"pc_honecall_invalid","message":"Value supplied in phoneCallId from the URI-Fragment is invalid. The parameter must be set to an alpha-numeric value and reference an existing phone call."}}',
  },
  yeastar: {
    ask: 'POST /api/v1.1.0/inbound/hangup?token=$token',
    body: '{"inboundid":"$unknown"}',
    status: 200,
    type: types.yeastar,
    says: '{"status":"Failed","errno":"10007"}',
  },
  ringcx: {
    ask: `POST ${calls}/$unknown/addSessionToCall?destination=+15554150123&sessionType=COACHING`,
    status: 404,
    type: types.ringcx,
    says: ringcxError(
      'active.calls.call.not.found',
      'The requested resource was not found',
      'The call was not found',
      '/api/v1/admin/accounts/12440011/activeCalls/$unknown/addSessionToCall - POST',
    ),
  },
  newvoicemedia: {
    ask: 'GET /v0/a1b2c3d4e5/calls/$unknown',
    status: 404,
    type: types.newvoicemedia,
    says: '{"message":"The call was not found."}',
  },
  smartflo: {
    ask: 'POST /v1/call/options',
    headers: { 'Content-Type': 'application/json' },
    body: '{"type":2,"call_id":"$unknown","agent_id":"0502842370097"}',
    status: 422,
    type: types.smartflo,
    says: '{"success":false,"message":"Invalid Call ID"}',
  },
}

/** An id of the right shape: the last digit is another. */
act('a call that never was', table, {
  arrange: ({ names, call, dialect }: Scene) => {
    names.unknown = idOf(dialect, call).replace(/.$/, (digit) => (digit === '1' ? '2' : '1'))
  },
})

act('no id at all', table, {
  arrange: ({ names }) => {
    names.unknown = '444444'
  },
})

act(
  'a call that is over',
  {
    ...table,
    newvoicemedia: {
      ask: 'POST /v0/a1b2c3d4e5/calls/$unknown',
      headers: { 'Content-Type': 'application/json' },
      body: '{"recordingStatus":"Paused"}',
      status: 400,
      type: types.newvoicemedia,
      says: '{"message":"The call is not in progress."}',
    },
  },
  {
    arrange: ({ names, exchange, call, dialect }) => {
      names.unknown = idOf(dialect, call)
      exchange.hangsUp('6501234567')
    },
  },
)
