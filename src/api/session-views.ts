/** Sessions as JSON. */
import Type from 'typebox'
import { verbs } from '../directory/permissions.ts'
import { keyRoles } from '../directory/settings.ts'
import { assert } from '../kernel/assert.ts'
import { rfc3339 } from '../kernel/time.ts'
import type { Identity } from './identity.ts'
import type { Office } from './office.ts'
import { choice, optional } from './schemas.ts'
import type { Session } from './session-store.ts'

const time = (description: string) => Type.String({ format: 'date-time', description })
const id = (description: string) => Type.String({ description })

export const SessionSchema = Type.Object({
  id: optional(id('Names the session; absent for an API key or a token.')),
  account: Type.Object({ id: Type.String(), name: Type.String() }),
  user: optional(id('Of the user, where there is one.')),
  name: Type.String({ description: 'For people.' }),
  role: choice(keyRoles),
  permissions: Type.Object({
    verbs: Type.Array(choice(verbs)),
    groups: Type.Array(Type.String(), { description: 'Whose calls and agents he sees. `["*"]`: everybody’s.' }),
  }),
  extensions: Type.Array(Type.String(), { description: 'The phones that are his.' }),
  agent: optional(id('The agent that he is.')),
  csrf: optional(Type.String({ description: 'To be sent as X-CSRF-Token with every change.' })),
  by: optional(choice(['password', 'key', 'provider'], { description: 'How he signed in.' })),
  createdAt: optional(time('When he signed in.')),
  expiresAt: optional(time('When it is over unless it is used; or when the token lapses.')),
})

export const SessionEntrySchema = Type.Object({
  id: id('Names it, and opens nothing.'),
  by: choice(['password', 'key', 'provider'], { description: 'How he signed in.' }),
  address: Type.String({ description: 'Where the sign-in came from.' }),
  userAgent: optional(Type.String({ description: 'The browser, in its own words.' })),
  createdAt: time('When he signed in.'),
  seenAt: time('When it was used last.'),
  expiresAt: time('When it is over unless it is used.'),
  current: Type.Boolean({ description: 'The one that this request came with.' }),
})

export const SignInOptionsSchema = Type.Object({
  providers: Type.Array(
    Type.Object({ label: Type.String({ description: 'For the button.' }), url: Type.String({ description: 'Where the browser goes.' }) }),
    { description: 'Identity providers by which one may sign in.' },
  ),
})

export function sessionView(office: Office, identity: Identity): object {
  const { caller, browser } = identity
  const { directory } = signInOf(office)
  const { account, role, user: userId } = caller
  const user = userId === undefined ? undefined : directory.user(account, userId)
  const extensions = user?.extensions ?? []
  const { permissions } = office.rights.of(caller)
  const agents = extensions.flatMap((number) => directory.agentOfExtension(account, number)?.id ?? [])
  return {
    id: browser?.session.id,
    account: { id: account, name: directory.account(account)?.name ?? account },
    ...{ user: userId, name: user?.name ?? 'API key', role },
    permissions: { verbs: permissions.verbs, groups: permissions.groups === 'all' ? ['*'] : permissions.groups },
    ...{ extensions, agent: agents[0], csrf: browser?.csrf, by: browser?.session.by },
    createdAt: browser && rfc3339(browser.session.createdAt),
    expiresAt: expiry(office, identity),
  }
}

function expiry(office: Office, { browser, expiresAt }: Identity): string | undefined {
  const at = browser === undefined ? expiresAt : Math.min(signInOf(office).sessions.idleMs + browser.session.seenAt, browser.session.endsAt)
  return at === undefined ? undefined : rfc3339(at as Session['endsAt'])
}

export const entryView = (
  session: Session,
  { expiresAt, isCurrent }: { readonly expiresAt: Session['endsAt']; readonly isCurrent: boolean },
) => ({
  ...{ id: session.id, by: session.by, address: session.address, userAgent: session.userAgent },
  ...{ createdAt: rfc3339(session.createdAt), seenAt: rfc3339(session.seenAt), expiresAt: rfc3339(expiresAt), current: isCurrent },
})

/** Routes of sessions are there only where signing in is. */
export function signInOf({ signIn }: Office): NonNullable<Office['signIn']> {
  assert(signIn, 'sessions are served where people can sign in')
  return signIn
}
