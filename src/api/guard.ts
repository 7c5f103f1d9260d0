import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refused } from '../http/refused.ts'
import { type Access, bearer } from './access.ts'
import { base } from './answers.ts'
import type { Identity } from './identity.ts'
import type { Office } from './office.ts'

/** Checks the credential of every request to the routes of `app`, before anything of its body is read (W7). */
export function guard(app: FastifyInstance, office: Office, access: Access): void {
  app.decorateRequest('nativeIdentity', undefined)
  app.addHook('onRequest', async (request) => {
    request.nativeIdentity = admit(office, access, request)
  })
}

export function admit({ clock }: Office, access: Access, request: FastifyRequest): Identity {
  const identity = access.identify(clock(), credentialOf(request))
  if (!identity.ok) throw new Refused(identity.error)
  return identity.value
}

/** RFC 6750 §2.3 discourages credentials in addresses; for event streams browsers leave no other way. The access log never shows them. */
function credentialOf(request: FastifyRequest): string | undefined {
  const sent = bearer(request.headers.authorization)
  if (sent !== undefined || request.routeOptions.url !== `${base}/events`) return sent
  const { access_token: token } = request.query as { readonly access_token?: string }
  return token === '' ? undefined : token
}
