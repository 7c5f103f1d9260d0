/** Calls and agents for tests. */
import type { Agent, Call, Party, ServerEvent, Supervision } from '../api/types.ts'

const at = '2026-01-01T12:00:00.000Z'

export const partyOf = (over: Partial<Party> & Pick<Party, 'id'>): Party => ({
  role: 'agent',
  state: 'talking',
  muted: false,
  joinedAt: at,
  ...over,
})

export const callWith = (over: Partial<Call> & Pick<Call, 'id'>): Call => ({
  revision: 1,
  state: 'active',
  direction: 'inbound',
  ani: '+441632960001',
  dnis: '+442079460101',
  startedAt: at,
  parties: [
    partyOf({ id: 'p1', role: 'customer', number: '+441632960001' }),
    partyOf({ id: 'p2', agent: 'a1', extension: '201', name: 'Ada Archer' }),
  ],
  supervisions: [],
  recording: { state: 'off' },
  ...over,
})

export const supervisionOf = (over: Partial<Supervision> & Pick<Supervision, 'id'>): Supervision => ({
  revision: 1,
  callId: 'c1',
  partyId: 'p3',
  mode: 'monitor',
  target: 'p2',
  private: false,
  state: 'active',
  startedAt: at,
  ...over,
})

export const agentOf = (over: Partial<Agent> & Pick<Agent, 'id'>): Agent => ({
  username: over.id,
  name: over.id,
  extension: '201',
  role: 'agent',
  groups: [],
  state: 'available',
  since: at,
  tally: { handled: 0, missed: 0, talkMs: 0 },
  ...over,
})

export const eventOf = (type: string, call: Call | undefined, data: unknown = {}): ServerEvent => ({
  id: '1',
  seq: 1,
  type,
  at,
  ...(call === undefined ? {} : { call, callId: call.id }),
  data,
})
