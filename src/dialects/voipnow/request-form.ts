/** Forms: urlencoded as documented, multipart as some clients send them, and JSON. */
import { type JsonObject, readFormOrJson } from '../../http/body.ts'
import type { Ask } from '../dialect.ts'
import { textOf } from './request-fields.ts'

export type Form = (name: string) => string | undefined

/** Reads each field as text; a field that is neither text nor number is refused. */
export function formOf({ body, headers }: Pick<Ask, 'body' | 'headers'>): Form {
  const type = headers['content-type'] ?? ''
  const fields = /^multipart\/form-data\b/i.test(type.trim()) ? multipart(body?.toString('utf8') ?? '', type) : plain(body, type)
  return (name) => textOf(fields, name)
}

function plain(bytes: Buffer | undefined, type: string): JsonObject {
  const contentType = /\bjson\b/i.test(type) ? type : 'application/x-www-form-urlencoded'
  return readFormOrJson({ bytes, contentType, contentEncoding: undefined })
}

/** RFC 7578, of which logins need fields of text only; a part without a name is passed over, the first of a repeated name wins. */
function multipart(text: string, type: string): JsonObject {
  const [, quoted, bare] = /boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(type) ?? []
  const boundary = quoted ?? bare
  const fields = new Map<string, string>()
  const parts = boundary === undefined ? [] : `\r\n${text}`.split(`\r\n--${boundary}`).slice(1)
  for (const part of parts) {
    const [head = '', ...rest] = part.split('\r\n\r\n')
    const [, name] = /;[ \t]*name="([^"\r\n]{1,100})"/i.exec(head) ?? []
    if (name !== undefined && rest.length > 0 && !fields.has(name)) fields.set(name, rest.join('\r\n\r\n'))
  }
  return Object.fromEntries(fields)
}
