/** The requests that NewVoiceMedia's document prints, and the texts that it lists for those that are refused. */

const number = { telephoneNumber: '02072068888' }
type Curl = readonly [title: string, body: string, type: string, from: object, to: object, rest?: object]

/** `from`, `to` and what else the answer echoes. */
export const curls: readonly Curl[] = [
  [
    'agent 1234 to a number',
    '{ "from": { "agentId": "1234" }, "to": { "telephoneNumber": "02072068888" } }',
    'application/json',
    { agentId: '1234' },
    number,
  ],
  [
    'agent 1234 to agent 4567',
    '{ "from": { "agentId": "1234" }, "to": { "agentId": "4567" } }',
    'application/json',
    { agentId: '1234' },
    { agentId: '4567' },
  ],
  [
    'an available agent of group 030',
    '{ "from": { "groups": ["030"] }, "to": { "telephoneNumber": "02072068888" } }',
    'application/json',
    { groups: ['030'] },
    number,
  ],
  [
    'an available agent of groups 030, 200 or 400',
    '{ "from": { "groups": ["030", "200", "400"] }, "to": { "telephoneNumber": "02072068888" } }',
    'application/json',
    { groups: ['030', '200', '400'] },
    number,
  ],
  [
    'with a presented number, version 1.1',
    '{ "from": { "agentId": "1234", "presentedCLID": "08008888888" }, "to": { "telephoneNumber": "02072068888" } }',
    'application/json; version=1.1',
    { agentId: '1234', presentedCLID: '08008888888' },
    number,
  ],
  [
    'with reference and application, version 5',
    '{ "from": { "agentId": "1234", "presentedCLID": "08008888888" }, "to": { "telephoneNumber": "02072068888" }, "regarding": { "reference": "0012400000ATTUQ" }, "application": "appName" }',
    'application/json;version=5',
    { agentId: '1234', presentedCLID: '08008888888' },
    number,
    { regarding: { reference: '0012400000ATTUQ' }, application: 'appName' },
  ],
  [
    'with consent, version 6',
    '{ "from": { "agentId": "1234", "consent": "OneParty" }, "to": { "telephoneNumber": "02072068888", "consent": "OneParty" } }',
    'application/json;version=6',
    { agentId: '1234', consent: 'OneParty' },
    { ...number, consent: 'OneParty' },
  ],
]

/** Request and message. Agent 1234 is in a call, 4567 is free. */
export const refused: Readonly<Record<string, string>> = {
  '{"from":{"telephoneNumber":"1"},"to":{"agentId":"4567"}}': 'Telephone number not supported in this context',
  '{"to":{"agentId":"4567"}}': 'Agent Id must be specified',
  '{"from":{"agentId":"1234"}}': 'Either telephone number or agent id required',
  '{"from":{"agentId":"1234"},"to":{"agentId":"4567","telephoneNumber":"1"}}': 'Either telephone number or agent id required, not both',
  [`{"from":{"agentId":"1234"},"to":{"telephoneNumber":"${'1'.repeat(31)}"}}`]: 'Telephone number exceeds 30 characters',
  '{"from":{"agentId":"12a4"},"to":{"agentId":"4567"}}': 'Agent Id must contain digits only',
  '{"from":{"agentId":"123456789012"},"to":{"agentId":"4567"}}': 'Agent Id exceeds 11 digits',
  [`{"from":{"agentId":"1234"},"to":{"agentId":"4567"},"regarding":{"reference":"${'a'.repeat(2001)}"}}`]:
    'Reference exceeded 2000 characters',
  '{"from":{"agentId":"1234"},"to":{"agentId":"4567"},"regarding":{"reference":"a b"}}': 'Reference contained invalid characters',
  [`{"from":{"agentId":"1234"},"to":{"agentId":"4567"},"application":"${'a'.repeat(33)}"}`]: 'Application exceeded 32 characters',
  '{"from":{"agentId":"1234"},"to":{"agentId":"4567"},"application":"a-b"}': 'Application contains non-alphanumeric characters',
  '{"from":{"agentId":"9999"},"to":{"agentId":"4567"}}': 'Unable to place call - Agent Id is unknown',
  '{"from":{"agentId":"1234"},"to":{"agentId":"9999"}}': 'Unable to place call - invalid Agent Id.',
  '{"from":{"agentId":"1234"},"to":{"telephoneNumber":"x"}}': 'Unable to place call - number is invalid',
  '{"from":{"agentId":"1234"},"to":{"agentId":"4567"}}': 'Unable to place call - Agent number busy',
  '{"from":{"agentId":"4567"},"to":{"agentId":"1234"}}': 'Unable to place call - dialed Agent is not currently available',
}
