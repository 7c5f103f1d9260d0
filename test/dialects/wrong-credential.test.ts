/** A login with a wrong secret; after five of them the right one is refused as well. Other requests go on with the token they have. */
import { type Act, act, logins, type Row, ringcxError, types } from './acts.ts'

const wrong = {
  voipnow: {
    ...logins.voipnow,
    body: 'client_id=app-12&client_secret=nope&grant_type=client_credentials',
    status: 401,
    type: types.voipnow,
    says: '{"error":"invalid_client","error_description":"The client credentials are not valid."}',
  },
  yeastar: {
    ...logins.yeastar,
    body: '{"username":"api","password":"00000000000000000000000000000000","port":"8260"}',
    status: 200,
    type: types.yeastar,
    says: '{"status":"Failed","errno":"20003"}',
  },
  ringcx: {
    ...logins.ringcx,
    body: 'username=admin%40example.com&password=nope',
    status: 401,
    type: types.ringcx,
    says: ringcxError('authentication.failed', 'Authentication failed', '', '/api/auth/login/admin - POST'),
  },
  newvoicemedia: {
    ...logins.newvoicemedia,
    body: 'grant_type=client_credentials&client_id=a1b2c3d4e5&client_secret=nope',
    status: 400,
    type: types.newvoicemedia,
    says: '{"error":"invalid_client","error_description":"Invalid client credentials"}',
  },
  smartflo: {
    ...logins.smartflo,
    body: '{"email":"ops@example.com","password":"nope"}',
    status: 401,
    type: types.smartflo,
    says: '{"success":false,"message":"The username or password is incorrect.","login_failed_count":1}',
  },
} satisfies Act

act('a wrong secret', wrong)

const later = ['Retry-After', '{{int}}'] as const

const locked: Readonly<Record<keyof typeof wrong, Row>> = {
  voipnow: {
    ...logins.voipnow,
    status: 429,
    type: types.voipnow,
    says: '{"error":"temporarily_unavailable","error_description":"Too many failed attempts."}',
    and: [later],
  },
  yeastar: { ...logins.yeastar, status: 200, type: types.yeastar, says: '{"status":"Failed","errno":"20002"}' },
  ringcx: {
    ...logins.ringcx,
    status: 429,
    type: types.ringcx,
    says: ringcxError('too.many.attempts', 'Too many failed logins', '', '/api/auth/login/admin - POST'),
    and: [later],
  },
  newvoicemedia: {
    ...logins.newvoicemedia,
    status: 429,
    type: types.newvoicemedia,
    says: '{"error":"temporarily_unavailable","error_description":"{{text}}"}',
    and: [later],
  },
  smartflo: {
    ...logins.smartflo,
    status: 429,
    type: types.smartflo,
    // Ten minutes after noon and two seconds, in India.
    says: '{"success":false,"message":"Too many login attempts.","retry_after":"2026-11-20 17:40:{{int2}}"}',
    and: [later],
  },
}

act('the right secret after five wrong ones', locked, {
  arrange: async ({ ask, dialect }) => {
    for (let i = 0; i < 5; i += 1) await ask(wrong[dialect])
  },
  check: async ({ ask, exchange, dialect }) => {
    exchange.advance(600_001)
    const { text } = await ask(logins[dialect])
    if (text.includes(logins[dialect].member) === false) throw new Error(`ten minutes later: ${text}`)
  },
})
