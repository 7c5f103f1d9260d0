/** Lines as JSON: browsers' audio connections. */
import Type from 'typebox'
import { limits } from '../kernel/limits.ts'
import { choice, optional, text } from './schemas.ts'

const id = (description: string) => Type.String({ description })

const line = {
  id: id('Of this line.'),
  state: choice(['connecting', 'open', 'lost', 'closed'], {
    description: 'A lost line waits for a new offer: what it supervises goes on for ten seconds, the line itself for a minute.',
  }),
  label: optional(Type.String({ description: 'Yours, as given when it was opened.' })),
  user: optional(Type.String({ description: 'Whose it is, where the credential names a user.' })),
  createdAt: Type.String({ format: 'date-time' }),
  supervision: optional(id('The supervision that it takes part by.')),
  callId: optional(id('The call that it takes part in.')),
}

export const LineSchema = Type.Object(line)

export const DescribedLineSchema = Type.Object({
  ...line,
  answer: Type.String({ description: 'A whole session description (SDP) with all candidates: the answer to your offer.' }),
})

export const IceServersSchema = Type.Object({
  iceServers: Type.Array(
    Type.Object({ urls: Type.Array(Type.String()), username: optional(Type.String()), credential: optional(Type.String()) }),
    { description: 'For `new RTCPeerConnection({ iceServers })`. Credentials may lapse: ask again for each connection.' },
  ),
})

/** SDP has line ends, so that it is no text in the sense of the other parameters. */
const offer = Type.String({
  minLength: 1,
  maxLength: limits.webrtcDescriptionChars,
  description: 'A whole session description (SDP) of one audio line with PCMU or PCMA, all candidates in it.',
})

export const OpenLine = Type.Object({
  offer,
  label: optional(text(128, { description: 'Yours; shown where the supervisor has no name.' })),
})
export const RenewLine = Type.Object({ offer })
