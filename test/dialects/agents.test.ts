/** Who takes the calls of Sales: Paco, who talks, and Ana, who is free. */
import { act, types } from './acts.ts'

act('agents of a group', {
  voipnow: {
    ask: 'GET /uapi/extensions/@me/0003*830/queue/agents?fields=agentNumber,queue,status',
    status: 200,
    type: types.voipnow,
    says: '{"entry":[{"agentNumber":"0003*210","queue":"0003*830","status":"1"},{"agentNumber":"0003*211","queue":"0003*830","status":"1"}],"startIndex":0,"itemsPerPage":20,"totalResults":2}',
  },
  yeastar: {
    notOffered: 'queues are dialled, not read',
    attempt: {
      ask: 'POST /api/v1.1.0/queue/query?token=$token',
      status: 200,
      type: types.yeastar,
      says: '{"status":"Failed","errno":"10003"}',
    },
  },
  ringcx: {
    ask: 'GET /voice/api/v1/admin/accounts/12440011/agentGroups/1/agents/4567',
    status: 200,
    type: types.ringcx,
    says: '{"agentId":4567,"username":"ana+ruiz@example.com","email":"ana+ruiz@example.com","firstName":"Ana","lastName":"Ruiz","agentType":"AGENT","isActive":true,"defaultLoginDest":"5554150211","manualOutboundDefaultCallerId":"{{int}}","allowManualCalls":true,"allowHangup":true,"disableSupervisorMonitoring":false,"gateAssignments":[{"gateId":30,"gateName":"Sales"}]}',
  },
  newvoicemedia: {
    ask: 'GET /v0/a1b2c3d4e5/agents/?availability=readyForPhoneCall&groups=030',
    status: 200,
    type: types.newvoicemedia,
    says: '{"count":1,"agents":[{"id":"4567","links":[]}]}',
  },
  smartflo: {
    ask: 'GET /v1/users?limit=2',
    status: 200,
    type: types.smartflo,
    says: '{"has_more":true,"count":{{int}},"last_seen_id":1234,"data":[{"id":106,"name":"Ben Agent","agent":{"id":"106","name":"Ben Agent","status":0,"follow_me_number":"+15554150106"},"login_id":"ben@example.com","is_login_based_calling_enabled":false,"is_international_outbound_enabled":true,"user_role":{"id":{{int2}},"name":"Agent"},"extension":"106","user_status":1},{"id":1234,"name":"Paco Vu","agent":{"id":"1234","name":"Paco Vu","status":3,"follow_me_number":"+15554150210"},"login_id":"paco.vu@example.com","is_login_based_calling_enabled":false,"is_international_outbound_enabled":true,"user_role":{"id":{{int2}},"name":"Agent"},"extension":"210","user_status":1}]}',
  },
})
