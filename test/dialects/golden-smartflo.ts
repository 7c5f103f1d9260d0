/** Contract smartflo, section 10. */
import assert from 'node:assert/strict'
import { hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { soon } from '../../testkit/phone-wait.ts'
import { dateAndTime } from './clock-faces.ts'
import { extra } from './configuration.ts'
import { lapsed, loggedIn, type Played, type World } from './golden-world.ts'
import { isActive, type Play, rows, type Stage } from './stage.ts'
import { json, type Sending } from './wire.ts'

const ofPaco: Play = {
  name: '1758782566.8131',
  dial: async (stage) => {
    await stage.api.setAgentState('1234', 'available')
    await stage.api.setAgentState('4567', 'away')
    return stage.centre.trunk.call('+18661234567', { from: '919812345678' })
  },
  stands: (call) => isActive(call, '919812345678', '210'),
}

const ringing: Play = {
  name: '1627373566.350603',
  dial: async (stage) => {
    await stage.api.setAgentState('4567', 'available')
    return stage.centre.trunk.call('+18661234567', { from: '919812345679' })
  },
  stands: ({ ani, parties }) => ani.endsWith('919812345679') && parties.some((p) => p.extension === '211' && p.state === 'ringing'),
}

const login = ({ email, password }: { readonly email: string; readonly password: string }): Sending => ({
  method: 'POST',
  target: '/v1/auth/login',
  ...json({ email, password }),
})

const ops = { email: 'ops@example.com', password: 'smartflo-password' } as const

const attends =
  (mode: keyof typeof rows) =>
  async ({ stage }: Played): Promise<void> => {
    await stage.picksUp('101')
    await stage.hears(ofPaco.name, rows[mode], { agent: '210', supervisor: '101' })
  }

export const smartflo: World = {
  name: 'smartflo',
  phones: ['101', '102', '106', '024', '210', '211', '212'],
  enter: async ({ moods }) => {
    for (const extension of ['101', '106', '211']) moods.set(extension, 'ring')
  },
  plays: () => [ofPaco, ringing],
  adapts: /1758782566\.8131|1627373566\.350603/,
  literals: async (stage, tokens) => {
    const ids = await callIds(stage, await tokens('access'))
    return {
      [ofPaco.name]: ids.get('919812345678') ?? '',
      [ringing.name]: ids.get('919812345679') ?? '',
      '2025-09-25 09:42:46': dateAndTime(stage.live(ofPaco.name).call.startedAt, 'Europe/Bucharest'),
    }
  },
  tokens: {
    access: (stage) => loggedIn(stage, login(ops), 'access_token'),
    viewer: (stage) => loggedIn(stage, login(extra.smartflo), 'access_token'),
    unbound: (stage) => loggedIn(stage, login(extra.smartfloUnbound), 'access_token'),
    lapsed: (stage) => lapsed(stage, login(ops), 'access_token'),
  },
  afterwards: {
    'SF-03': attends('monitor'),
    'SF-04': attends('whisper'),
    'SF-05': attends('barge'),
    'SF-06': async ({ stage }) => {
      const { line } = stage.live(ofPaco.name)
      const ben = await stage.phone('106').next('incoming')
      await hear({ line, hears: [toneOf(stage.phone('210'))] })
      ben.answer()
      await hear({ line, hears: [toneOf(stage.phone('106'))] }, { line: ben, hears: [outsideTone] })
      assert.equal(stage.phone('210').lines.length, 0, 'Paco has left')
    },
    'SF-19': async ({ stage }) => {
      await soon(stage.live(ofPaco.name).line.ended, 'the customer is hung up')
      await stage.centre.callIn(stage.live(ofPaco.name).call.id, 'ended')
    },
  },
  variants: [],
}

async function callIds(stage: Stage, token: string): Promise<ReadonlyMap<string, string>> {
  const { text } = await stage.send({ method: 'GET', target: '/v1/live_calls', headers: [['Authorization', token]] })
  const found = [...text.matchAll(/"call_id":"([0-9]{10}\.[0-9]+)","direction":1,"source":"([0-9]+)"/g)]
  assert.equal(found.length, 2, `live_calls has both: ${text}`)
  return new Map(found.map(([, id = '', source = '']) => [source, id]))
}
