/** What is refused whoever asks: the inspections of RFC 3261 §8.2.1 to §8.2.3, before anything is remembered. */
import { parseContentType } from './headers.ts'
import type { Header, Request } from './message.ts'
import { header } from './message.ts'
import { acceptHeader, allowed, allowHeader, unsupported } from './options.ts'

export interface Screened {
  readonly status: number
  readonly headers: readonly Header[]
}

const no = (status: number, ...headers: Header[]): Screened => ({ status, headers })

export function screen(request: Request): Screened | undefined {
  const methods: readonly string[] = allowed
  if (!methods.includes(request.method)) return no(405, allowHeader)
  return screenWithinDialog(request)
}

/** Within a dialog, methods are its own business. */
export function screenWithinDialog(request: Request): Screened | undefined {
  if (request.maxForwards === 0) return no(483)
  if (request.uri.scheme === 'other') return no(416)
  const unknown = unsupported(request)
  if (unknown.length > 0) return no(420, { name: 'Unsupported', value: unknown.join(', ') })
  return screenBody(request)
}

/** RFC 3261 §8.2.3. INFO and the like bring bodies of their own. */
function screenBody(request: Request): Screened | undefined {
  if (request.body.length === 0 || (request.method !== 'INVITE' && request.method !== 'UPDATE' && request.method !== 'PRACK'))
    return undefined
  const encoding = header(request, 'Content-Encoding')?.trim().toLowerCase()
  if (encoding !== undefined && encoding !== 'identity') return no(415, { name: 'Accept-Encoding', value: 'identity' })
  const isOptional = /handling\s*=\s*optional/i.test(header(request, 'Content-Disposition') ?? '')
  const type = parseContentType(header(request, 'Content-Type') ?? '')
  const isUnderstood = type.ok && (type.value.type === 'application/sdp' || type.value.type === 'multipart/mixed')
  return isUnderstood || isOptional ? undefined : no(415, acceptHeader)
}
