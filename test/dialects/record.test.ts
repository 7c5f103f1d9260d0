/** A recording is begun by hand. */
import assert from 'node:assert/strict'
import { act, calls, nothingThere, phoneCall, types } from './acts.ts'

act(
  'record',
  {
    voipnow: {
      ask: 'PUT /uapi/phoneCalls/12/0003*210/$call',
      headers: { 'Content-Type': 'application/json' },
      body: '{"action":"StartRecording","phoneCallViewId":"01"}',
      status: 202,
      type: types.voipnow,
      says: phoneCall,
    },
    yeastar: {
      notOffered: 'these systems cannot start or stop a recording',
      attempt: {
        ask: 'POST /api/v1.1.0/extension/record?token=$token',
        body: '{"extid":"210"}',
        status: 200,
        type: types.yeastar,
        says: '{"status":"Failed","errno":"10003"}',
      },
    },
    ringcx: { ask: `POST ${calls}/$call/toggleCallRecording?record=true`, status: 200, type: 'text/plain', says: 'true' },
    newvoicemedia: {
      ask: 'POST /v0/a1b2c3d4e5/calls/$call',
      headers: { 'Content-Type': 'application/json' },
      body: '{"recordingStatus":"Started"}',
      status: 202,
      type: types.newvoicemedia,
      says: '{"recordingStatus":"Started"}',
    },
    smartflo: { notOffered: 'the account decides what is recorded', attempt: nothingThere.smartflo('call/record') },
  },
  { check: ({ exchange, call }) => assert.equal(exchange.call(call).recording.state, 'on') },
)
