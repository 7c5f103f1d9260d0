/** The customer waits, and is fetched back. */
import assert from 'node:assert/strict'
import { type Act, act, calls, nothingThere, phoneCall, type Row, types } from './acts.ts'

const voipnow = (action: string): Row => ({
  ask: 'PUT /uapi/phoneCalls/12/0003*210/$call',
  headers: { 'Content-Type': 'application/json' },
  body: `{"action":"${action}","phoneCallViewId":"01"}`,
  status: 202,
  type: types.voipnow,
  says: phoneCall,
})
const yeastar = (verb: string): Row => ({
  ask: `POST /api/v1.1.0/extension/${verb}?token=$token`,
  body: '{"extid":"210"}',
  status: 200,
  type: types.yeastar,
  says: '{"status":"Success"}',
})
const ringcx = (state: string): Row => ({
  ask: `POST ${calls}/$call/toggleCallHold?state=${state}`,
  status: 200,
  type: 'text/plain',
  says: 'true',
})

const on = {
  voipnow: voipnow('OnHold'),
  yeastar: yeastar('hold'),
  ringcx: ringcx('ON'),
  newvoicemedia: { notOffered: 'the agent holds with his phone', attempt: nothingThere.newvoicemedia('hold') },
  smartflo: { notOffered: 'the agent holds with his phone', attempt: nothingThere.smartflo('call/hold') },
} satisfies Act

const off = { voipnow: voipnow('OffHold'), yeastar: yeastar('unhold'), ringcx: ringcx('OFF') } as const

act('hold', on, {
  check: async ({ exchange, call, dialect, expect }) => {
    const { '210': agent = [], '6501234567': customer = [] } = exchange.hearing(call)
    assert.deepEqual(
      [agent, customer].flatMap((heard) => heard.filter((who) => who === '210' || who === '6501234567')),
      [],
      'they do not hear each other',
    )
    if (dialect === 'newvoicemedia' || dialect === 'smartflo') return
    await expect(off[dialect])
    assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] })
  },
})
