/** Who is there: Paco talks, Ana is free, nobody has registered 213. */
import { act, types } from './acts.ts'

act('presence', {
  voipnow: {
    ask: 'GET /uapi/extensions/12/@self/presence?fields=extension,status',
    status: 200,
    type: types.voipnow,
    says: '{"entry":[{"extension":"0003*106","status":"1"},{"extension":"0003*210","status":"3"}],"startIndex":0,"itemsPerPage":20,"totalResults":2}',
  },
  yeastar: {
    ask: 'POST /api/v1.1.0/extensionlist/query?token=$token',
    status: 200,
    type: types.yeastar,
    says: '{"status":"Success","extlist":[{"extnumber":"024","status":"Registered","type":"SIP","username":"Wanda Whisper","agentid":""},{"extnumber":"101","status":"Registered","type":"SIP","username":"Sara Monitor","agentid":"0502842370097"},{"extnumber":"102","status":"Registered","type":"SIP","username":"Lee Listener","agentid":""},{"extnumber":"106","status":"Registered","type":"SIP","username":"Ben Agent","agentid":"106"},{"extnumber":"210","status":"Busy","type":"SIP","username":"Paco Vu","agentid":"1234"},{"extnumber":"211","status":"Registered","type":"SIP","username":"Ana Ruiz","agentid":"4567"},{"extnumber":"212","status":"Unavailable","type":"SIP","username":"Nobody Listens","agentid":""},{"extnumber":"213","status":"Unavailable","type":"SIP","username":"Never Registered","agentid":""}]}',
  },
  ringcx: {
    ask: 'GET /voice/api/v1/admin/accounts/12440011/agentGroups/1/agents/1234/login',
    status: 200,
    type: types.ringcx,
    says: '{"agentLoginId":{{int}},"agentState":"ENGAGED","agentAuxState":"","agentPhone":"{{text}}","loginDts":"2026-11-20T12:00:00.250+0000","stateDts":"2026-11-20T12:00:02.250+0000","pendingDisposition":false,"agentLoginType":"{{text2}}"}',
  },
  newvoicemedia: {
    ask: 'GET /v0/a1b2c3d4e5/agents/?availability=readyForPhoneCall&groups=030,200',
    status: 200,
    type: types.newvoicemedia,
    says: '{"count":2,"agents":[{"id":"4567","links":[]},{"id":"106","links":[]}]}',
  },
  smartflo: {
    ask: 'GET /v1/user/1234',
    status: 200,
    type: types.smartflo,
    says: '{"data":{"id":1234,"name":"Paco Vu","number":"{{text}}","agent":{"id":"1234","intercom":210,"number":"{{text2}}","agent_status":3,"extension":{"username":"0003*210","outbound_block":false}}}}',
  },
})
