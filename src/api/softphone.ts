/** What somebody's own page needs to be his phone. */
import Type from 'typebox'
import { jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { rfc3339 } from '../kernel/time.ts'
import { base } from './answers.ts'
import { IceServersSchema } from './line-schemas.ts'
import type { Office } from './office.ts'
import { type Ask, type Route, route } from './route.ts'
import { optional, text } from './schemas.ts'

export const SoftphoneSchema = Type.Object(
  {
    extension: Type.String(),
    uri: Type.String({ description: 'The address of record, for REGISTER.' }),
    username: Type.String({ description: 'For digest authentication; not the extension’s own.' }),
    password: Type.String({ description: 'Of this name only, until `expiresAt`.' }),
    webSocketUrl: Type.String({ description: 'SIP over WebSocket (RFC 7118), relative to this server.' }),
    iceServers: IceServersSchema.properties.iceServers,
    expiresAt: Type.String({ format: 'date-time', description: 'Ask again before then.' }),
  },
  { description: 'A softphone in a browser registers with this.' },
)

export const softphoneRoutes = (office: Office): readonly Route[] => [openSoftphone(office)]

function openSoftphone(office: Office): Route {
  const { passFor, clock, iceServers } = office
  return route({
    id: 'openSoftphone',
    tag: 'Directory',
    summary: 'Credentials for a softphone in a browser, for an extension of the user’s own; they lapse by themselves',
    method: 'POST',
    url: `${base}/me/softphone`,
    need: 'control',
    isSecret: true,
    body: Type.Object({ extension: optional(text(64, { description: 'One of the user’s own; the first where absent.' })) }),
    example: {},
    success: { status: 201, schema: 'Softphone' },
    refusals: ['endpoint-unknown'],
    handle(ask) {
      const extension = ownExtension(office, ask)
      const { expiresAt, ...pass } = passFor(clock(), ask.caller.account, extension)
      const phone = { extension, ...pass, webSocketUrl: '/sip', iceServers: iceServers?.(ask.caller) ?? [], expiresAt: rfc3339(expiresAt) }
      return jsonAnswer(201, JSON.stringify(phone), { 'Cache-Control': 'no-store', Location: `${base}/me/softphone` })
    },
  })
}

/** Whatever a role may do to others, it is nobody else's phone. */
function ownExtension({ extensionsOf }: Office, { caller, body }: Ask<{ readonly extension?: string | undefined }>): string {
  const own = extensionsOf(caller)
  const wanted = body.extension ?? own[0]
  if (wanted === undefined) throw refuse('endpoint-unknown', { why: 'No user with an extension stands behind this credential.' })
  if (!own.includes(wanted)) throw refuse('endpoint-unknown', { why: 'The extension is not your own.' })
  return wanted
}
