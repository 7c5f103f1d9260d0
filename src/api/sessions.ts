/** `/session` and `/sessions`: the browsers of whoever asks. Opening one is in sign-in.ts. */
import { jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { base } from './answers.ts'
import type { Browsers } from './browsers.ts'
import { subjectOf } from './browsers.ts'
import type { Identity } from './identity.ts'
import type { Office } from './office.ts'
import { type Ask, pathOf, type Route, route } from './route.ts'
import type { Session } from './session-store.ts'
import { entryView, sessionView } from './session-views.ts'

export const sessionUrl = `${base}/session`
const sessionsUrl = `${base}/sessions`
const fresh = { 'Cache-Control': 'no-store' }
const access = { tag: 'Access', need: 'self' } as const

export const sessionRoutes = (office: Office, browsers: Browsers): readonly Route[] => [
  current(office),
  signOut(office, browsers),
  list(office, browsers),
  end(office, browsers),
]

function current(office: Office): Route {
  return route({
    ...{ ...access, id: 'getSession', summary: 'Who is asking, and what he may do', method: 'GET', url: sessionUrl },
    success: { status: 200, schema: 'Session' },
    refusals: [],
    handle: ({ identity }) => jsonAnswer(200, JSON.stringify(sessionView(office, identity)), fresh),
  })
}

function signOut(office: Office, browsers: Browsers): Route {
  return route({
    ...{ ...access, id: 'signOut', summary: 'Sign this browser out', method: 'DELETE', url: sessionUrl },
    success: { status: 200, schema: 'SessionEntry' },
    refusals: ['resource-unknown'],
    handle({ identity }) {
      const { browser } = identity
      if (browser === undefined) throw refuse('resource-unknown', { name: 'session', why: 'This request came without a session.' })
      const last = viewOf(browsers, identity, browser.session)
      const cookie = browsers.close(browser)
      office.log.info({ session: browser.session.id, account: identity.caller.account, user: identity.caller.user }, 'signed out')
      return jsonAnswer(200, JSON.stringify(last), { ...fresh, 'Set-Cookie': cookie })
    },
  })
}

function list(office: Office, browsers: Browsers): Route {
  return route({
    ...{ ...access, id: 'listSessions', summary: 'Where you are signed in', method: 'GET', url: sessionsUrl },
    success: { status: 200, schema: 'SessionEntry', list: true },
    refusals: [],
    handle({ identity }) {
      const items = browsers.sessions.of(office.clock(), subjectOf(identity)).map((session) => viewOf(browsers, identity, session))
      return jsonAnswer(200, JSON.stringify({ items, next: null }), fresh)
    },
  })
}

function end(office: Office, browsers: Browsers): Route {
  return route({
    ...{ ...access, id: 'endSession', summary: 'Sign out one of your browsers', method: 'DELETE', url: `${sessionsUrl}/:session` },
    success: { status: 200, schema: 'SessionEntry' },
    refusals: ['resource-unknown'],
    handle(ask) {
      const session = ownSession(office, browsers, ask)
      browsers.sessions.end(session.id)
      return jsonAnswer(200, JSON.stringify(viewOf(browsers, ask.identity, session)), fresh)
    },
  })
}

/** Somebody else's is not there. */
function ownSession({ clock }: Office, { sessions }: Browsers, ask: Pick<Ask, 'identity' | 'path'>): Session {
  const session = sessions.of(clock(), subjectOf(ask.identity)).find(({ id }) => id === pathOf(ask, 'session'))
  if (session === undefined) throw refuse('resource-unknown', { name: 'session', why: 'No such session.' })
  return session
}

const viewOf = ({ sessions }: Browsers, { browser }: Identity, session: Session) =>
  entryView(session, { expiresAt: sessions.expiresAt(session), isCurrent: session.id === browser?.session.id })
