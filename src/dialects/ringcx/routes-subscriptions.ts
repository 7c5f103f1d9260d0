/** Where programs want agent states sent (contract ringcx, section 8). */
import Type from 'typebox'
import { refusal } from '../../call/refusal.ts'
import type { CallerRole } from '../../control/command.ts'
import { Refused, refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { instant, rfc3339 } from '../../kernel/time.ts'
import type { Ask, DialectRoute, House } from '../dialect.ts'
import type { Subscription } from '../subscriptions.ts'
import { json } from './answer.ts'
import { askForValidation, liveSubscriptions, wantedOf } from './events.ts'
import { userNameOf } from './login.ts'
import { accountOf, bodyOf } from './request.ts'
import { readWanted, type Wanted, withoutSecrets } from './request-subscriptions.ts'

const root = '/voice/api/cx/integration/v1/accounts/:rc/sub-accounts/:sub/agent-states/subscriptions'
const roles: readonly CallerRole[] = ['admin', 'supervisor']
const { Optional } = Type
const body = Type.Object({
  subscriptionName: Type.String(),
  notificationUrl: Type.String(),
  description: Optional(Type.String()),
  retryCount: Optional(Type.Integer({ minimum: 0, maximum: 10, default: 3 })),
  authConfigId: Optional(Type.String()),
  active: Optional(Type.Boolean({ default: true })),
  customHeaders: Optional(Type.Record(Type.String(), Type.String())),
  expiresAt: Optional(Type.Integer()),
})
const refusals = ['unauthenticated', 'token-expired', 'forbidden', 'resource-unknown'] as const
const wantedRefusals = [...refusals, 'parameter-missing', 'parameter-invalid', 'body-malformed'] as const

export const subscriptionRoutes = (house: House): readonly DialectRoute[] => [...bookRoutes(house), ...singleRoutes(house)]

const answers = { status: 200, description: 'The subscription' }

const bookRoutes = (house: House): readonly DialectRoute[] => [
  {
    id: 'listSubscriptions',
    summary: 'Subscriptions to agent states',
    tier: 'should',
    method: 'GET',
    path: root,
    answers: { status: 200, description: 'One object for each' },
    refusals,
    handle: (ask) => json(liveSubscriptions(house, accountOf(ask, 'rc', 'sub'), ask.at).map(view)),
  },
  {
    id: 'createSubscription',
    summary: 'Have agent states sent to a URL',
    tier: 'should',
    method: 'POST',
    path: root,
    roles,
    body,
    answers,
    refusals: [...wantedRefusals, 'capacity-exceeded'],
    handle: (ask) => json(view(create(house, ask))),
  },
]

const one = { path: `${root}/:subscription`, tier: 'should' } as const

const singleRoutes = (house: House): readonly DialectRoute[] => [
  {
    ...one,
    id: 'readSubscription',
    summary: 'One subscription',
    method: 'GET',
    answers,
    refusals,
    handle: (ask) => json(view(demandSubscription(house, ask))),
  },
  {
    ...one,
    id: 'updateSubscription',
    summary: 'Say anew where agent states go',
    method: 'PUT',
    roles,
    body,
    answers,
    refusals: wantedRefusals,
    handle: (ask) => json(view(update(house, ask))),
  },
  {
    ...one,
    id: 'deleteSubscription',
    summary: 'End a subscription; answers with what it was',
    method: 'DELETE',
    roles,
    answers,
    refusals,
    handle: (ask) => {
      const subscription = demandSubscription(house, ask)
      house.subscriptions.remove(subscription)
      return json(view(subscription))
    },
  },
]

function create(house: House, ask: Ask): Subscription {
  const account = accountOf(ask, 'rc', 'sub')
  const wanted = readBody(house, ask)
  demandNewName(house, ask, { account, wanted })
  const by = userNameOf(ask.holder)
  const subscription = made({ id: uuid(house.random.hex(16)), account, ask, wanted }, { createdBy: by, createdAt: rfc3339(ask.at) })
  if (!house.subscriptions.put(subscription)) throw refuse('capacity-exceeded')
  askForValidation(house, subscription)
  return subscription
}

function update(house: House, ask: Ask): Subscription {
  const before = demandSubscription(house, ask)
  const { account, id, fields } = before
  const wanted = readBody(house, ask, wantedOf(before).customHeaders)
  demandNewName(house, ask, { account, wanted, id })
  const { createdBy = '', createdAt = '' } = fields
  const subscription = made({ id, account, ask, wanted }, { createdBy, createdAt })
  house.subscriptions.put(subscription)
  if (wanted.notificationUrl !== wantedOf(before).notificationUrl) askForValidation(house, subscription)
  return subscription
}

/** A receiver's own logins cannot be set up here, so that the id of one names nothing. */
function readBody(house: House, ask: Ask, before?: Wanted['customHeaders']): Wanted {
  const fields = bodyOf(ask)
  const wanted = readWanted(house, ask.at, fields, before)
  if (fields.authConfigId !== undefined && fields.authConfigId !== '') throw refuse('resource-unknown', { name: 'auth.config' })
  return wanted
}

interface Making {
  readonly id: string
  readonly account: AccountId
  readonly ask: Ask
  readonly wanted: Wanted
}

const made = ({ id, account, ask, wanted }: Making, created: { readonly createdBy: string; readonly createdAt: string }): Subscription => ({
  id,
  dialect: 'ringcx',
  account,
  modified: ask.at,
  fields: { ...created, updatedBy: userNameOf(ask.holder), wanted: JSON.stringify(wanted) },
})

/** Names of active subscriptions are not given twice; the vendor answers 409. */
function demandNewName(
  house: House,
  ask: Ask,
  { account, wanted, id }: Pick<Making, 'account' | 'wanted'> & { readonly id?: string },
): void {
  const others = liveSubscriptions(house, account, ask.at).filter((one) => one.id !== id && wantedOf(one).active)
  if (!wanted.active || others.every((one) => wantedOf(one).subscriptionName !== wanted.subscriptionName)) return
  const reason = refusal('parameter-invalid', { name: 'subscriptionName', why: 'is the name of another subscription' })
  throw new Refused(reason, { status: 409, members: { value: wanted.subscriptionName } })
}

function demandSubscription(house: House, ask: Ask): Subscription {
  const account = accountOf(ask, 'rc', 'sub')
  const found = liveSubscriptions(house, account, ask.at).find(({ id }) => id === ask.params.subscription?.toLowerCase())
  if (found === undefined) throw refuse('resource-unknown', { name: 'subscription' })
  return found
}

const uuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

function view(subscription: Subscription): object {
  const { subscriptionName, description, notificationUrl, active, retryCount, customHeaders, expiresAt } = wantedOf(subscription)
  const { createdBy, createdAt, updatedBy } = subscription.fields
  return {
    subscriptionId: subscription.id,
    mainAccountId: subscription.account,
    subAccountId: subscription.account,
    subscriptionName,
    description,
    notificationUrl,
    authConfigId: null,
    active,
    maxRetryCount: retryCount,
    customHeaders: withoutSecrets(customHeaders),
    expiresAt,
    createdBy,
    createdAt,
    updatedBy,
    updatedAt: rfc3339(instant(subscription.modified)),
  }
}
