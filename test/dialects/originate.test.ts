/** Starting a call: the agent's phone rings first, and only when he has answered the number is called. */
import assert from 'node:assert/strict'
import { accountA } from '../../testkit/desk.ts'
import { act, calls, types } from './acts.ts'

act(
  'originate',
  {
    voipnow: {
      ask: 'POST /uapi/phoneCalls/12/simple?fields=id,extension',
      headers: { 'Content-Type': 'application/json' },
      body: '{"extension":"0003*106","phoneCallView":[{"source":["0003*106"],"destination":["02072068888"]}]}',
      status: 200,
      type: types.voipnow,
      says: '[{"id":"{{hex20}}","extension":"0003*106"}]',
    },
    yeastar: {
      ask: 'POST /api/v1.1.0/extension/dial_outbound?token=$token',
      body: '{"extid":"106","outto":"02072068888"}',
      status: 200,
      type: types.yeastar,
      says: '{"status":"Success","callid":"{{callid}}"}',
    },
    ringcx: {
      ask: `POST ${calls}/createManualAgentCall?username=ben%40example.com&destination=02072068888&ringDuration=5&callerId=08008888888`,
      headers: { 'Content-Type': 'application/json' },
      status: 200,
      type: 'text/plain',
      says: 'true',
    },
    newvoicemedia: {
      ask: 'POST /v0/a1b2c3d4e5/calls/',
      headers: { 'Content-Type': 'application/json' },
      body: '{"from":{"agentId":"106"},"to":{"telephoneNumber":"02072068888"}}',
      status: 201,
      type: types.newvoicemedia,
      says: '{"id":"{{guid}}","links":[{"href":"https://sotto.test/V0/a1b2c3d4e5/Calls/{{guid}}","rel":"_self"}],"from":{"agentId":"106"},"to":{"telephoneNumber":"02072068888"}}',
      and: [['Location', 'https://sotto.test/v0/a1b2c3d4e5/calls/{{guid}}']],
    },
    smartflo: {
      ask: 'POST /v1/click_to_call',
      headers: { 'Content-Type': 'application/json' },
      body: '{"agent_number":"106","destination_number":"02072068888"}',
      status: 200,
      type: types.smartflo,
      says: '{"success":true,"message":"Originate successfully queued","ref_id":"{{text}}"}',
    },
  },
  {
    check: ({ exchange, call }) => {
      const made = exchange.desk.calls(accountA).find(({ id }) => id !== call.id)
      assert.ok(made !== undefined)
      const called = () => [...exchange.engine.legs.values()].filter((leg) => leg.call === made.id).map(({ address }) => address)
      assert.deepEqual(called(), ['106'])
      exchange.answers('106')
      const [, number = ''] = called()
      assert.match(number, /2072068888$/)
      exchange.answers(number)
      assert.deepEqual(exchange.hearing(made), { '106': [number], [number]: ['106'] })
    },
  },
)
