/** Contract ringcx, section 10. */
import assert from 'node:assert/strict'
import { soon } from '../../testkit/phone-wait.ts'
import { digitsOfTime, withMilliseconds } from './clock-faces.ts'
import { extra } from './configuration.ts'
import { lapsed, loggedIn, type Played, type World } from './golden-world.ts'
import { dialledOf, endsIn, isActive, type Play, rows, type Stage } from './stage.ts'
import { form, type Sending } from './wire.ts'

const zone = 'Europe/Bucharest'

const ofPaco: Play = {
  name: '202005081040440132050000019657',
  dial: async (stage) => {
    await stage.api.setAgentState('1234', 'available')
    return stage.centre.trunk.call('+18661234567', { from: '6501234567' })
  },
  stands: (call) => isActive(call, '6501234567', '210'),
}

const queued: Play = {
  name: '202005081041000132050000019658',
  dial: async (stage) => {
    // With an agent at hand it would not wait.
    await stage.api.setAgentState('4567', 'away')
    return stage.centre.trunk.call('+18661234567', { from: '6501234568' })
  },
  stands: (call) => call.ani.endsWith('6501234568') && call.parties.filter((p) => p.state !== 'ended').length === 1,
}

const oauthStep: Sending = {
  method: 'POST',
  target: '/restapi/oauth/token',
  headers: [
    ['Authorization', `Basic ${Buffer.from('rcx-client:rcx-client-secret').toString('base64')}`],
    ['Content-Type', 'application/x-www-form-urlencoded'],
  ],
  body: form({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'rcx-assertion-a' }).body,
}

const exchange = (oauth: string): Sending => ({
  method: 'POST',
  target: '/api/auth/login/rc/accesstoken?includeRefresh=true',
  ...form({ rcAccessToken: oauth, rcTokenType: 'Bearer' }),
})

const direct = ({ username, password }: { readonly username: string; readonly password: string }): Sending => ({
  method: 'POST',
  target: '/api/auth/login/admin',
  ...form({ username, password }),
})

/** OAuth, then the exchange, as real clients do. */
async function exchanged(stage: Stage, member: 'accessToken' | 'refreshToken', at: 'centre' | 'lapsing' = 'centre'): Promise<string> {
  return loggedIn(stage, exchange(await loggedIn(stage, oauthStep, 'access_token', at)), member, at)
}

const admin = { username: 'admin@example.com', password: 'rcx-password' } as const

export const ringcx: World = {
  name: 'ringcx',
  phones: ['101', '102', '024', '210', '211', '212'],
  enter: async (stage) => {
    for (const extension of ['101', '211']) stage.moods.set(extension, 'ring')
    await stage.api.setAgentState('4567', 'away')
  },
  // Ana is available in RC-11, and she is of the group that the second caller waits for.
  plays: (id) => (id === 'RC-11' ? [ofPaco] : [ofPaco, queued]),
  prepare: async (stage, id) => {
    if (id !== 'RC-11') return
    await stage.api.setAgentState('4567', 'available')
    await stage.centre.agentIs('4567', 'available')
  },
  adapts: /2020050810(4044|4100)01320500000196/,
  literals: async (stage, tokens) => {
    const first = stage.live(ofPaco.name).call
    const ids = await uiis(stage, await tokens('access'))
    const uii = ids.get('6501234567') ?? ''
    assert.match(uii, /^[0-9]{30}$/)
    assert.equal(uii.slice(0, 14), digitsOfTime(first.startedAt, zone), 'a uii begins with the local time')
    return {
      [ofPaco.name]: uii,
      '2020-05-08T14:40:47.000+0000': withMilliseconds(first.startedAt),
      '2020-05-08T14:41:02.000+0000': withMilliseconds(await stage.joinedAt(ofPaco.name, '210')),
      ...queuedLiterals(stage, ids),
    }
  },
  tokens: {
    oauth: (stage) => loggedIn(stage, oauthStep, 'access_token'),
    access: (stage) => exchanged(stage, 'accessToken'),
    viewer: (stage) => loggedIn(stage, direct(extra.ringcx), 'accessToken'),
    lapsed: (stage) => lapsed(stage, direct(admin), 'accessToken'),
    refresh: (stage) => exchanged(stage, 'refreshToken', 'lapsing'),
  },
  afterwards: {
    'RC-06': attends('monitor'),
    'RC-07': attends('whisper'),
    'RC-11': async ({ stage }) => {
      const ana = await stage.phone('211').next('incoming')
      ana.answer()
      endsIn(dialledOf(await stage.centre.trunk.next('incoming')), '6501234567')
      await soon(ana.answered, 'Ana and the called one talk')
    },
    'RC-16': async ({ stage }) => {
      const { disposition } = await stage.api.call(stage.live(ofPaco.name).call.id)
      assert.equal(disposition, 'Sale')
    },
  },
  variants: [
    {
      of: 'RC-05',
      what: 'a token never issued',
      headers: [['Authorization', 'Bearer never-issued']],
      answer: [['Jwt is missing', 'Jwt verification fails']],
    },
    {
      of: 'RC-14',
      what: 'same for another account in the path',
      request: [
        ['12440011', '12440022'],
        ['viewer', 'access'],
      ],
      answer: [['12440011', '12440022']],
    },
    {
      of: 'RC-14',
      what: 'same for an account that does not exist',
      request: [
        ['12440011', '99999999'],
        ['viewer', 'access'],
      ],
      answer: [['12440011', '99999999']],
    },
  ],
}

/** The supervisor's own phone rings, and he is bridged when he picks up. */
function attends(mode: keyof typeof rows) {
  return async ({ stage }: Played): Promise<void> => {
    await stage.picksUp('101')
    await stage.hears(ofPaco.name, rows[mode], { agent: '210', supervisor: '101' })
  }
}

function queuedLiterals(stage: Stage, ids: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const uii = ids.get('6501234568')
  if (uii === undefined) return {}
  return { [queued.name]: uii, '2020-05-08T14:41:00.000+0000': withMilliseconds(stage.live(queued.name).call.startedAt) }
}

async function uiis(stage: Stage, token: string): Promise<ReadonlyMap<string, string>> {
  const headers = [['Authorization', `Bearer ${token}`]] as const
  const { text } = await stage.send({ method: 'GET', target: '/voice/api/v1/admin/accounts/12440011/activeCalls/list', headers })
  const found = [...text.matchAll(/"uii":"([0-9]{30})","accountId":"12440011","ani":"([0-9]+)"/g)]
  assert.ok(found.length >= 1, `the list has the calls: ${text}`)
  return new Map(found.map(([, uii = '', ani = '']) => [ani, uii]))
}
