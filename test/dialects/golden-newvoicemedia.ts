/** Contract newvoicemedia, section 9. */
import assert from 'node:assert/strict'
import { eventually } from '../../testkit/phone-wait.ts'
import { extra } from './configuration.ts'
import { lapsed, loggedIn, type Played, type World } from './golden-world.ts'
import { dialledOf, endsIn, isActive, type Play, type Stage } from './stage.ts'
import { form, json, type Sending } from './wire.ts'

const ofBen: Play = {
  name: 'of agent 106',
  dial: (stage) => stage.centre.trunk.call('+15554150106', { from: '5503301' }),
  stands: (call) => isActive(call, '5503301', '106'),
}

const tokenOf = (id: string, secret: string): Sending => ({
  method: 'POST',
  target: '/v0/oauth2/token',
  ...form({ grant_type: 'client_credentials', client_id: id, client_secret: secret }),
})

const own = tokenOf('a1b2c3d4e5', 'nvm-secret-a')

export const newvoicemedia: World = {
  name: 'newvoicemedia',
  phones: ['101', '102', '106', '024', '210', '211', '212'],
  enter: async (stage, tokens) => {
    for (const extension of ['210', '211']) stage.moods.set(extension, 'ring')
    for (const agent of ['1234', '4567']) await stage.api.setAgentState(agent, 'available')
    ended = tokens('access').then((token) => makeEndedCall(stage, token))
    // Who needs it learns why there is none.
    await ended.catch(() => {})
  },
  plays: () => [ofBen],
  prepare: async (stage) => {
    for (const agent of ['1234', '4567']) await stage.centre.agentIs(agent, 'available')
  },
  adapts: /94e5928c/,
  literals: async () => ({ '94e5928c-7f7e-4645-ad72-61010f906449': await ended }),
  tokens: {
    access: (stage) => loggedIn(stage, own, 'access_token'),
    viewer: (stage) => loggedIn(stage, tokenOf(extra.newvoicemedia.clientId, extra.newvoicemedia.clientSecret), 'access_token'),
    lapsed: (stage) => lapsed(stage, own, 'access_token'),
  },
  afterwards: {
    'NV-04': (played) => calls(played, ['210']),
    'NV-05': (played) => calls(played, ['210', '211']),
    'NV-06': (played) => calls(played, ['210'], '08008888888'),
  },
  variants: [
    {
      of: 'NV-08',
      what: "another account's key with a valid token: same body, header as NV-07",
      request: [
        ['a1b2c3d4e5', 'f6g7h8i9j0'],
        ['lapsed', 'access'],
      ],
      answer: [[' error="invalid_token"', '']],
    },
  ],
}

/** An agent's phone rings first; when he answers, the number is called, and both talk. */
async function calls({ stage }: Played, agents: readonly string[], shown?: string): Promise<void> {
  const lines = () => agents.flatMap((extension) => stage.phone(extension).lines)
  const agent = await eventually(`one of ${agents} rings`, () => lines()[0])
  assert.equal(stage.centre.trunk.lines.length, 1, 'nobody else is called yet: the other line is the call of 106')
  agent.answer()
  const called = await stage.centre.trunk.next('incoming')
  endsIn(dialledOf(called), '2072068888')
  if (shown !== undefined) endsIn(called.number, shown.slice(1))
}

let ended: Promise<string> = Promise.resolve('')

/** Made by this API from 1234, answered, recorded, and over. Its id. */
async function makeEndedCall(stage: Stage, token: string): Promise<string> {
  const authorization = ['Authorization', `Bearer ${token}`] as const
  const order = json({ from: { agentId: '1234' }, to: { telephoneNumber: '02072068888' }, regarding: { reference: '0012400000ATTUQ' } })
  const made = await stage.send({
    method: 'POST',
    target: '/v0/a1b2c3d4e5/calls/',
    headers: [authorization, ...(order.headers ?? [])],
    body: order.body,
  })
  const [, guid = ''] = /^\{"id":"([0-9a-f-]{36})"/.exec(made.text) ?? []
  assert.ok(guid !== '', `the call was made: ${made.status} ${made.text}`)
  const line = await stage.picksUp('210')
  const call = await eventually('they talk', async () => (await stage.api.callsOf('210')).find(({ state }) => state === 'active'))
  await stage.api.record(call.id, 'on')
  await line.hangUp()
  await stage.centre.callIn(call.id, 'ended')
  return guid
}
