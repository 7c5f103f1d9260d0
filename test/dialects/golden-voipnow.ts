/** Contract voipnow, section 12. */
import assert from 'node:assert/strict'
import type { SupervisionView } from '../../testkit/call-control.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { earlyInASecond, xmlDateTime } from './clock-faces.ts'
import { loggedIn, type Played, type World } from './golden-world.ts'
import { isActive, type Play, rows, type Stage } from './stage.ts'
import { form } from './wire.ts'

const answered: Play = {
  name: 'b817d2618fe6f1804333',
  dial: async (stage) => {
    // The call is answered when both are connected, the view when 210 is.
    await earlyInASecond()
    return stage.centre.trunk.call('+15554150210', { from: '3334444', displayName: 'John Doe', asserted: '7778888' })
  },
  stands: (call) => isActive(call, '7778888', '210'),
}

const ringing: Play = {
  name: 'c0ffee00000000000106',
  dial: (stage) => stage.centre.trunk.call('+15554150106', { from: '7778889' }),
  stands: (call) => call.ani === '7778889' && call.state === 'ringing' && call.parties.some((p) => p.extension === '106'),
}

const zone = 'Europe/Bucharest'
const cast = { agent: '210', supervisor: '024' } as const
const app = (id: string, secret = `secret-${id}`) => ({
  method: 'POST',
  target: '/oauth/token.php',
  ...form({ client_id: `app-${id}`, client_secret: secret, grant_type: 'client_credentials' }),
})

export const voipnow: World = {
  name: 'voipnow',
  phones: ['101', '102', '106', '024', '210', '211', '212'],
  enter: async ({ moods }) => {
    for (const extension of ['106', '024']) moods.set(extension, 'ring')
  },
  plays: () => [answered, ringing],
  adapts: /b817d2618fe6f1804333|c0ffee00000000000106/,
  literals: async (stage) => {
    const { call } = stage.live(answered.name)
    const [hex, other] = [call, stage.live(ringing.name).call].map(({ id }) => id.replace(/^c_/, ''))
    assert.match(`${hex} ${other}`, /^[0-9a-f]{20} [0-9a-f]{20}$/, 'ids are 20 hex digits')
    return {
      b817d2618fe6f1804333: hex ?? '',
      c0ffee00000000000106: other ?? '',
      '2012-06-27T16:08:55+03:00': xmlDateTime(call.answeredAt ?? '', zone),
      '2012-06-27T16:08:50+03:00': xmlDateTime(call.startedAt, zone),
    }
  },
  tokens: {
    'tok-12': (stage) => loggedIn(stage, app('12'), 'access_token'),
    'tok-14': (stage) => loggedIn(stage, app('14'), 'access_token'),
    'tok-old': async (stage) => {
      const token = await loggedIn(stage, app('12'), 'access_token', 'aging')
      stage.age(3_601_000)
      return token
    },
  },
  // Section 2: never below 600 s, because real clients renew early.
  lapses: 'aging',
  afterwards: {
    'VN-03': async (played) => {
      const { stage } = played
      await assertSecondView(played, '')
      await earlyInASecond()
      const line = await stage.picksUp('024')
      assert.deepEqual([line.name, line.number], ['Whisper To Me', '42420042'])
      await stage.hears(answered.name, rows.whisper, cast)
      await assertSecondView(played, secondView(await activeSupervision(stage)))
    },
    'VN-04': async ({ stage }) => {
      const line = await stage.picksUp('024')
      assert.deepEqual([line.name, line.number], ['Whisper To Me', '42420042'])
      await stage.hears(answered.name, rows.whisper, cast)
    },
    'VN-16': async ({ stage }) => {
      await soon(stage.live(answered.name).line.ended, 'the customer is hung up')
      await stage.centre.callIn(stage.live(answered.name).call.id, 'ended')
    },
  },
  variants: [
    {
      of: 'VN-07',
      what: 'a token never issued: same bytes',
      headers: [['Authorization', 'Bearer never-issued']],
    },
    { of: 'VN-12', what: 'same for unknown 0003*999', request: [['0004*101', '0003*999']] },
    { of: 'VN-12', what: 'same for the queue 0003*830', request: [['0004*101', '0003*830']] },
    {
      of: 'VN-15',
      what: 'Whisper with sendCallTo 0003*102: 403 with the text of mode-not-allowed',
      request: [
        ['tok-14', 'tok-12'],
        ['BargeIn', 'Whisper'],
        ['0003*024', '0003*102'],
      ],
      answer: [
        ['The app is not permitted to perform this operation.', 'The extension given in sendCallTo is not permitted to use this action.'],
      ],
    },
  ],
}

const activeSupervision = (stage: Stage): Promise<SupervisionView> =>
  eventually('the supervisor is in the call', async () => (await stage.api.supervisions()).find((s) => s.state === 'active'))

/** The text below the contract's block. */
const secondView = ({ activeAt = '' }: SupervisionView): string =>
  `,{"id":"02","extension":"0003*210","answered":"${xmlDateTime(activeAt, zone)}","status":"5","flow":"2",` +
  '"callerId":"Whisper To Me <42420042>","source":["0003*024"],"destination":["0003*210"]}'

/** VN-05 shows it in both places. */
async function assertSecondView({ replay }: Played, second: string): Promise<void> {
  const { reply, expected } = await replay('VN-05')
  const first = '"source":["7778888"],"destination":["0003*210"]}'
  assert.equal(expected.split(first).length, 3, 'the view is in both places')
  assert.equal(reply.text, expected.replaceAll(first, `${first}${second}`))
}
