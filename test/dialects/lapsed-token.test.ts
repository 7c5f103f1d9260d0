/** A token that was valid and has lapsed: each dialect says so in the words at which real clients log in again. */
import { act, calls, types } from './acts.ts'

/** A second more than the contract gives a token. */
const lifeMs = { voipnow: 3_601_000, yeastar: 1_801_000, ringcx: 301_000, newvoicemedia: 3_601_000, smartflo: 3_601_000 } as const

act(
  'a lapsed token',
  {
    voipnow: {
      ask: 'GET /uapi/phoneCalls/@me/@self/',
      status: 401,
      type: types.voipnow,
      says: '{"error":{"code":"access_denied","message":"The access token has expired."}}',
    },
    yeastar: {
      ask: 'POST /api/v1.1.0/extensionlist/query?token=$token',
      status: 200,
      type: types.yeastar,
      says: '{"status":"Failed","errno":"20006"}',
    },
    ringcx: { ask: `GET ${calls}/list`, status: 401, type: 'text/plain', says: 'Jwt is expired' },
    newvoicemedia: {
      ask: 'GET /v0/a1b2c3d4e5/agents/?availability=readyForPhoneCall',
      status: 401,
      type: types.newvoicemedia,
      says: '{"message":"Authorization has been denied for this request."}',
      and: [['WWW-Authenticate', 'Bearer error="invalid_token"']],
    },
    smartflo: {
      ask: 'GET /v1/live_calls',
      status: 401,
      type: types.smartflo,
      says: '{"success":false,"message":"Token has expired"}',
    },
  },
  { arrange: ({ exchange, dialect }) => exchange.advance(lifeMs[dialect]) },
)
