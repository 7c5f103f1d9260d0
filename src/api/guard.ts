import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refused } from '../http/refused.ts'
import { type Access, bearer } from './access.ts'
import { base } from './answers.ts'
import type { Browsers } from './browsers.ts'
import type { Identity } from './identity.ts'
import { levelsUrl } from './levels.ts'
import type { Office } from './office.ts'

export interface Doors {
  readonly access: Access
  readonly browsers?: Browsers | undefined
}

/** Checks the credential of every request to the routes of `app`, before anything of its body is read (W7). */
export function guard(app: FastifyInstance, office: Office, doors: Doors): void {
  app.decorateRequest('nativeIdentity', undefined)
  app.addHook('onRequest', async (request) => {
    request.nativeIdentity = admit(office, doors, request)
  })
}

/** A credential that is sent counts for more than a cookie, which browsers send by themselves. */
export function admit({ clock }: Office, { access, browsers }: Doors, request: FastifyRequest): Identity {
  const credential = credentialOf(request)
  const signedIn = credential === undefined ? browsers?.identify(clock(), request) : undefined
  if (signedIn !== undefined) return signedIn
  const identity = access.identify(clock(), credential)
  if (!identity.ok) throw new Refused(identity.error)
  return identity.value
}

const streams: ReadonlySet<string> = new Set([`${base}/events`, levelsUrl])

/** RFC 6750 §2.3 discourages credentials in addresses; for event streams browsers leave no other way. The access log never shows them. */
function credentialOf(request: FastifyRequest): string | undefined {
  const sent = bearer(request.headers.authorization)
  if (sent !== undefined || !streams.has(request.routeOptions.url ?? '')) return sent
  const { access_token: token } = request.query as { readonly access_token?: string }
  return token === '' ? undefined : token
}
