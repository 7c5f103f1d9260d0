/** Contract openvox-yeastar, section 10. */
import assert from 'node:assert/strict'
import type { Line } from '../../testkit/phone-line.ts'
import { lapsed, loggedIn, type Played, type World } from './golden-world.ts'
import { isActive, type Play, rows, type Stage } from './stage.ts'
import type { Sending } from './wire.ts'

const ofBen: Play = {
  name: '1526884410.12',
  dial: (stage) => stage.centre.trunk.call('+18661234568', { from: '5503301' }),
  stands: (call) => isActive(call, '5503301', '106'),
}

const ofWanda: Play = {
  name: '1526884410.13',
  dial: (stage) => stage.centre.trunk.call('+15554150024', { from: '5503302' }),
  stands: (call) => isActive(call, '5503302', '024'),
}

const internal: Play = {
  name: '212 and 210',
  dial: (stage): Promise<Line> => stage.phone('212').call('210'),
  stands: (call) => call.direction === 'internal' && isActive(call, '212', '210'),
}

const login: Sending = {
  method: 'POST',
  target: '/api/v1.1.0/login',
  body: '{"username":"api","password":"83d09a7c9b90ebc3d363d237a779589e"}',
}

/** Sara's phone answers by itself, and she is heard by the agent alone, or by nobody. */
const attends =
  (mode: keyof typeof rows) =>
  ({ stage }: Played): Promise<void> =>
    stage
      .phone('101')
      .next('answered')
      .then(() => stage.hears(ofBen.name, rows[mode], { agent: '106', supervisor: '101' }))

export const yeastar: World = {
  name: 'yeastar',
  phones: ['101', '102', '106', '024', '210', '211', '212'],
  // Nobody picks up for her.
  enter: async ({ moods }) => void moods.set('101', 'ring'),
  plays: () => [ofBen, ofWanda, internal],
  adapts: /1526884410\.1[23]/,
  literals: async (stage, tokens) => {
    const ids = await inboundIds(stage, await tokens('tok'))
    return { '1526884410.12': ids.get('5503301') ?? '', '1526884410.13': ids.get('5503302') ?? '' }
  },
  tokens: {
    tok: (stage) => loggedIn(stage, login, 'token'),
    'tok-old': (stage) => lapsed(stage, login, 'token'),
  },
  afterwards: {
    'YS-04': attends('whisper'),
    'YS-05': attends('whisper'),
    'YS-06': attends('monitor'),
    'YS-19': attends('whisper'),
  },
  variants: [
    {
      of: 'YS-07',
      what: 'a token never issued: 20004',
      request: [['?type=json', '?token=ffffffffffffffffffffffffffffffff&type=json']],
      answer: [['20005', '20004']],
    },
    { of: 'YS-15', what: 'malformed JSON there: 20000', body: '{"whisperer":"101","whisperedext"', answer: [['10002', '20000']] },
    {
      of: 'YS-16',
      what: 'POST extension/hijack, an unknown endpoint: 10003',
      request: [
        ['GET', 'POST'],
        ['whisper', 'hijack'],
      ],
      answer: [['20001', '10003']],
    },
  ],
}

async function inboundIds(stage: Stage, token: string): Promise<ReadonlyMap<string, string>> {
  const { text } = await stage.send({ method: 'POST', target: `/api/v1.1.0/inbound/query?token=${token}` })
  const found = [...text.matchAll(/"inboundid":"([0-9]{10}\.[0-9]+)","from":"([0-9]+)"/g)]
  assert.ok(found.length >= 2, `inbound/query lists the calls: ${text}`)
  return new Map(found.map(([, id = '', from = '']) => [from, id]))
}
