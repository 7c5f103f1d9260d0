/** The table of docs/hearing.md: each row a story of a customer C, an agent A and a supervisor S, and whom each of them hears at its end. */
import {
  agent,
  call,
  colleague,
  conference,
  customer,
  given,
  type Sentence,
  type Someone,
  secondSupervisor,
  supervisor,
  third,
  to,
  when,
} from '../../testkit/story.ts'

export interface HearingRow {
  readonly situation: string
  readonly sentences: readonly Sentence[]
  /** By name; who is missing hears nobody. */
  readonly hears: Readonly<Record<string, readonly Someone[]>>
  readonly note?: string
}

const talking = given(call().between(customer, agent).answered())
const C = customer
const A = agent
const S = supervisor
const S2 = secondSupervisor
const B = colleague
const D = third

export const letters: readonly (readonly [string, Someone])[] = [
  ['S', S],
  ['S2', S2],
  ['A', A],
  ['C', C],
  ['B', B],
  ['D', D],
]

const whispering = [talking, when(S.whispers(to(A)))]
const consulting = [talking, when(A.consults(B), B.answers())]
const joined = [...consulting, when(C.is('resumed'))]
const parked = [talking, when(S.isCalledTo({ mode: 'barge', target: to(C) }), S.answers()), when(A.parks())]

export const hearingRows: readonly HearingRow[] = [
  { situation: 'nobody supervises', sentences: [talking], hears: { agent: [C], customer: [A] } },
  {
    situation: 'S is called and has not picked up',
    sentences: [talking, when(S.isCalledTo({ mode: 'barge' }))],
    hears: { agent: [C], customer: [A] },
    note: 'his row and column are empty until he answers',
  },
  { situation: 'monitor', sentences: [talking, when(S.monitors())], hears: { supervisor: [A, C], agent: [C], customer: [A] } },
  { situation: 'whisper', sentences: whispering, hears: { supervisor: [A, C], agent: [C, S], customer: [A] } },
  {
    situation: 'whisper, private',
    sentences: [talking, when(S.whispers(to(A), { private: true }))],
    hears: { agent: [C, S], customer: [A] },
    note: 'he coaches and does not listen',
  },
  {
    situation: 'whisper to the customer',
    sentences: [talking, when(S.whispers(to(C)))],
    hears: { supervisor: [A, C], agent: [C], customer: [A, S] },
  },
  { situation: 'barge', sentences: [talking, when(S.barges())], hears: { supervisor: [A, C], agent: [C, S], customer: [A, S] } },
  {
    situation: 'take-over',
    sentences: [talking, when(S.monitors()), when(S.takesOver())],
    hears: { supervisor: [C], customer: [S] },
    note: 'A has left; S handles the call',
  },
  {
    situation: 'C on hold, S whispers to A',
    sentences: [...whispering, when(C.is('held'))],
    hears: { supervisor: [A], agent: [S] },
    note: 'C hears music, which nobody else does',
  },
  {
    situation: 'A on hold, S whispers to A',
    sentences: [...whispering, when(A.is('held'))],
    hears: { supervisor: [C] },
    note: 'A hears music and no whisper',
  },
  {
    situation: 'C on hold, S barges',
    sentences: [talking, when(S.barges()), when(C.is('held'))],
    hears: { supervisor: [A], agent: [S] },
  },
  {
    situation: 'A’s own phone holds, S whispers to A',
    sentences: [...whispering, when(A.holdsByPhone())],
    hears: { supervisor: [C] },
    note: 'a phone that holds is sent nothing; C hears music',
  },
  {
    situation: 'C’s own phone holds, S whispers to A',
    sentences: [...whispering, when(C.holdsByPhone())],
    hears: { supervisor: [A], agent: [S] },
  },
  {
    situation: 'S’s own phone holds',
    sentences: [talking, when(S.barges()), when(S.holdsByPhone())],
    hears: { agent: [C], customer: [A] },
    note: 'he neither hears nor is heard, and nobody is put on hold by it',
  },
  {
    situation: 'A is muted, S monitors',
    sentences: [talking, when(S.monitors()), when(A.is('muted'))],
    hears: { supervisor: [C], agent: [C] },
  },
  {
    situation: 'S barges and is muted',
    sentences: [talking, when(S.barges()), when(S.is('muted'))],
    hears: { supervisor: [A, C], agent: [C], customer: [A] },
  },
  {
    situation: 'S and S2 both barge',
    sentences: [talking, when(S.barges(), S2.barges())],
    hears: { supervisor: [A, C, S2], 'second supervisor': [A, C, S], agent: [C, S, S2], customer: [A, S, S2] },
  },
  {
    situation: 'S whispers to A, S2 monitors',
    sentences: [...whispering, when(S2.monitors())],
    hears: { supervisor: [A, C], 'second supervisor': [A, C], agent: [C, S], customer: [A] },
    note: 'a whisper is for its target',
  },
  {
    situation: 'S whispers to A, S2 monitors and asked for peers',
    sentences: [...whispering, when(S2.monitors({ hearPeers: true }))],
    hears: { supervisor: [A, C], 'second supervisor': [A, C, S], agent: [C, S], customer: [A] },
    note: '`hearPeers`',
  },
  {
    situation: 'S whispers to A, S2 barges',
    sentences: [...whispering, when(S2.barges())],
    hears: { supervisor: [A, C, S2], 'second supervisor': [A, C], agent: [C, S, S2], customer: [A, S2] },
    note: 'who barges is part of the conversation',
  },
  {
    situation: 'S whispers to A, S2 to C',
    sentences: [...whispering, when(S2.whispers(to(C)))],
    hears: { supervisor: [A, C], 'second supervisor': [A, C], agent: [C, S], customer: [A, S2] },
  },
  {
    situation: 'A consults B, C waits, S whispers to A',
    sentences: [...whispering, when(A.consults(B), B.answers())],
    hears: { supervisor: [A, B], agent: [B, S], colleague: [A] },
    note: 'C hears music',
  },
  {
    situation: 'A, B and C in conference',
    sentences: joined,
    hears: { agent: [B, C], colleague: [A, C], customer: [A, B] },
  },
  {
    situation: 'A, B and C in conference, S whispers to B',
    sentences: [...joined, when(S.whispers(to(B)))],
    hears: { supervisor: [A, B, C], agent: [B, C], colleague: [A, C, S], customer: [A, B] },
  },
  {
    situation: 'A, B and C in conference, S barges, C is held',
    sentences: [...joined, when(S.barges()), when(C.is('held'))],
    hears: { supervisor: [A, B], agent: [B, S], colleague: [A, S] },
  },
  {
    situation: 'A has handed C to D, whose phone rings; S whispered to A',
    sentences: [...whispering, when(A.transfersTo(D), D.rings())],
    hears: { supervisor: [C] },
    note: 'C hears ringing; the coming target hears S from his answer on',
  },
  {
    situation: 'D has answered',
    sentences: [...whispering, when(A.transfersTo(D), D.rings(), D.answers())],
    hears: { supervisor: [C, D], third: [C, S], customer: [D] },
    note: '`follow: "call"`',
  },
  {
    situation: 'A hands C over to D, whose phone rings; S whispers to A',
    sentences: [...whispering, when(A.handsOverTo(D), D.rings())],
    hears: { supervisor: [A, C], agent: [C, S], customer: [A] },
    note: 'nobody is held',
  },
  {
    situation: 'D has answered the hand-over',
    sentences: [...whispering, when(A.handsOverTo(D), D.rings(), D.answers())],
    hears: { supervisor: [C, D], third: [C, S], customer: [D] },
    note: 'A has left in the same step',
  },
  {
    situation: 'A has parked C; S monitored A',
    sentences: [talking, when(S.monitors()), when(A.parks())],
    hears: {},
    note: 'C hears music; S has left with his target',
  },
  {
    situation: 'A has parked C; S barged in beside C',
    sentences: parked,
    hears: {},
    note: 'C hears music; S hears nothing of it and is not heard',
  },
  {
    situation: 'B is called for the parked C, and his phone rings',
    sentences: [...parked, when(B.isCalledToFetch(), B.rings())],
    hears: {},
  },
  {
    situation: 'B has fetched C',
    sentences: [...parked, when(B.isCalledToFetch(), B.answers())],
    hears: { supervisor: [B, C], colleague: [C, S], customer: [B, S] },
  },
  {
    situation: 'A alone in a conference',
    sentences: [given(conference(A))],
    hears: {},
    note: 'A hears music',
  },
  {
    situation: 'A, B and C in a conference of their own',
    sentences: [given(conference(A, B, C))],
    hears: { agent: [B, C], colleague: [A, C], customer: [A, B] },
  },
  {
    situation: 'A, B and C in a conference of their own, S whispers to A',
    sentences: [given(conference(A, B, C)), when(S.whispers(to(A)))],
    hears: { supervisor: [A, B, C], agent: [B, C, S], colleague: [A, C], customer: [A, B] },
  },
]
