/** Which calls there are. */
import { act, calls, types } from './acts.ts'

const times = '"answered":"2026-11-20T14:00:02+02:00"'
const links =
  '"link":{"self":"https://sotto.test/uapi/phoneCalls/12/0003*210/$call"},"links":{"self":"https://sotto.test/uapi/phoneCalls/12/0003*210/$call"}'

act('list', {
  voipnow: {
    ask: 'GET /uapi/phoneCalls/12/0003*210/',
    status: 200,
    type: types.voipnow,
    says: `{"entry":[{"id":"$call","extension":"0003*210","ownerId":"3","ownerName":"Default Organization",${times},"published":"2026-11-20T14:00:00+02:00","phoneCallView":[{"id":"01","extension":"0003*210",${times},"status":"5","flow":"8","callerId":"John Doe <6501234567>","source":["6501234567"],"destination":["0003*210"]}],${links}}],"startIndex":0,"itemsPerPage":20,"totalResults":1}`,
  },
  yeastar: {
    ask: 'POST /api/v1.1.0/inbound/query?token=$token',
    status: 200,
    type: types.yeastar,
    says: '{"status":"Success","inbound":[{"inboundid":"$call","from":"6501234567","to":"15554150210","trunk":"pstn","status":"Talking","callee":[{"extid":"210"}]}]}',
  },
  ringcx: {
    ask: `GET ${calls}/list`,
    status: 200,
    type: types.ringcx,
    says: '[{"uii":"$call","accountId":"12440011","ani":"6501234567","dnis":"8661234567","enqueueTime":"2026-11-20T12:00:00.250+0000","dequeueTime":"2026-11-20T12:00:02.250+0000","callState":"ACTIVE","archive":false,"agentFirstName":"Paco","agentLastName":"Vu","destinationName":"Sales","externalId":null,"cnam":"John Doe","dnisE164":"+18661234567"}]',
  },
  newvoicemedia: {
    notOffered: 'one asks for the calls that one made, by their ids',
    attempt: {
      ask: 'GET /v0/a1b2c3d4e5/calls/',
      status: 405,
      type: types.newvoicemedia,
      says: `{"message":"The requested resource does not support http method 'GET'."}`,
      and: [['Allow', 'POST']],
    },
  },
  smartflo: {
    ask: 'GET /v1/live_calls',
    status: 200,
    type: types.smartflo,
    says: '[{"id":{{int}},"user_id":1234,"client_id":12440011,"call_id":"$call","direction":1,"source":"6501234567","type":"inbound","did":"18661234567","multiple_destination_type":"department","multiple_destination_name":"Sales","destination":"210","state":"Answered","queue_state":null,"channel_id":"$call","created_at":"2026-11-20 14:00:00","sip_domain":"sotto.test","broadcast_id":null,"broadcast_no":null,"call_time":"00:00:00","agent_name":"Paco Vu","customer_number":"6501234567"}]',
  },
})
