/** What a login is answered. */
import { act, logins, types } from './acts.ts'

const fresh = ['Cache-Control', 'no-store'] as const

act('log in', {
  voipnow: {
    ...logins.voipnow,
    status: 200,
    type: types.voipnow,
    says: '{"access_token":"{{token}}","expires_in":3600,"token_type":"Bearer"}',
    and: [fresh],
  },
  yeastar: { ...logins.yeastar, status: 200, type: types.yeastar, says: '{"status":"Success","token":"{{hex32}}"}', and: [fresh] },
  ringcx: {
    ask: 'POST /restapi/oauth/token',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: 'Basic cmN4LWNsaWVudDpyY3gtY2xpZW50LXNlY3JldA==' },
    body: 'grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=rcx-assertion-a',
    status: 200,
    type: types.ringcx,
    says: '{"access_token":"{{token}}","token_type":"bearer","expires_in":3600,"refresh_token":"{{token2}}","refresh_token_expires_in":604800}',
    and: [fresh],
  },
  newvoicemedia: {
    ...logins.newvoicemedia,
    status: 200,
    type: types.newvoicemedia,
    says: '{"access_token":"{{token}}","expires_in":3600,"token_type":"Bearer"}',
    and: [fresh],
  },
  smartflo: {
    ...logins.smartflo,
    status: 200,
    type: types.smartflo,
    says: '{"success":true,"access_token":"{{token}}","token_type":"bearer","expires_in":3600,"number_of_days_left":{{int}}}',
    and: [fresh],
  },
})
