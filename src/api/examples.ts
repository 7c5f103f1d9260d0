/** What answers look like, for readers of the document. A test holds them against the schemas. */
const supervision = {
  id: 's_5c0e81',
  revision: 2,
  callId: 'c_9f1b7a',
  partyId: 'p_3',
  supervisor: { extension: '101', name: 'Sara Monitor' },
  mode: 'whisper',
  target: 'p_2',
  private: false,
  state: 'active',
  startedAt: '2026-11-20T12:00:41.250Z',
  activeAt: '2026-11-20T12:00:44.871Z',
}

const customer = {
  id: 'p_1',
  role: 'customer',
  number: '+15550001111',
  state: 'talking',
  muted: false,
  joinedAt: '2026-11-20T12:00:00.250Z',
}
const agent = {
  id: 'p_2',
  role: 'agent',
  extension: '210',
  agent: '1234',
  name: 'Paco Vu',
  state: 'talking',
  muted: false,
  joinedAt: '2026-11-20T12:00:00.250Z',
}
const supervisor = {
  id: 'p_3',
  role: 'supervisor',
  extension: '101',
  name: 'Sara Monitor',
  state: 'talking',
  muted: false,
  joinedAt: '2026-11-20T12:00:41.250Z',
}

const call = {
  id: 'c_9f1b7a',
  revision: 9,
  state: 'active',
  direction: 'inbound',
  ani: '+15550001111',
  dnis: '+18661234567',
  group: '030',
  startedAt: '2026-11-20T12:00:00.250Z',
  answeredAt: '2026-11-20T12:00:07.512Z',
  parties: [customer, agent, supervisor],
  supervisions: [supervision],
  recording: { state: 'off' },
}

const heard = (listener: string, talker: string, levelDbov: number) => ({
  listener,
  talker,
  hears: true,
  levelDbov,
  lastAudioAt: '2026-11-20T12:01:00.020Z',
})

export const examples = {
  Call: call,
  Supervision: supervision,
  Hearing: {
    callId: 'c_9f1b7a',
    revision: 4,
    appliedRevision: 4,
    appliedAt: '2026-11-20T12:00:44.871Z',
    pairs: [
      heard('p_1', 'p_2', -24),
      heard('p_2', 'p_1', -31.5),
      heard('p_2', 'p_3', -27),
      heard('p_3', 'p_1', -31.5),
      heard('p_3', 'p_2', -24),
    ],
  },
  Agent: {
    id: '1234',
    username: 'paco.vu@example.com',
    name: 'Paco Vu',
    extension: '210',
    role: 'agent',
    groups: ['030'],
    state: 'on-call',
    since: '2026-11-20T12:00:07.512Z',
    loggedInAt: '2026-11-20T08:58:12.040Z',
    callId: 'c_9f1b7a',
    tally: { handled: 14, missed: 1, talkMs: 5_220_000 },
  },
  Extension: { number: '210', name: 'Paco Vu', registered: true, contacts: 1, agent: '1234', calls: ['c_9f1b7a'] },
  Group: {
    id: '030',
    name: 'Sales',
    extension: '830',
    strategy: 'longest-idle',
    agents: ['1234', '4567'],
    waiting: 2,
    waitingSince: '2026-11-20T12:00:31.004Z',
    tally: { received: 40, answered: 35, abandoned: 3, inTime: 31, late: 4 },
  },
  Event: {
    id: '1795176044871003',
    seq: 12,
    type: 'supervision.active',
    at: '2026-11-20T12:00:44.871Z',
    callId: 'c_9f1b7a',
    call,
    data: { supervision: 's_5c0e81', party: 'p_3', mode: 'whisper', target: 'p_2', private: false },
  },
  Health: { status: 'degraded', version: '0.1.0', degraded: ['media'] },
  Token: { access_token: 'sotto_at_6b1c', token_type: 'Bearer', expires_in: 3600 },
} as const
