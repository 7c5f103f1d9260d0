/** Whether an answer is what an example says: exact bytes but for the placeholders. */
import assert from 'node:assert/strict'
import type { Example } from './golden-grammar.ts'
import type { Reply } from './wire.ts'

/** What a placeholder may stand for in an answer. `hms` is contract smartflo's own; `hex20` and `text` serve the acts. */
const forms: Readonly<Record<string, string>> = {
  token: '[A-Za-z0-9_.-]+',
  hex32: '[0-9a-f]{32}',
  guid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  callid: '[0-9]{10}\\.[0-9]+',
  epochms: '[0-9]{13}',
  int: '[0-9]+',
  hms: '[0-9]{2}:[0-9]{2}:[0-9]{2}',
  hex20: '[0-9a-f]{20}',
  text: '[^"]*',
}

const placeholder = /\{\{([a-z]+(?:[0-9]+|-[a-z0-9]+)?)\}\}/g

/** Another one than `wire.ts` sees: the same name is the same value in the whole example. */
export type Seen = Map<string, string>

/** Returns what the placeholders stood for. */
export function assertAnswer(reply: Pick<Reply, 'status' | 'headers' | 'text'>, expected: Example['answer']): Seen {
  const seen: Seen = new Map()
  assert.equal(reply.status, expected.status, `${reply.status}: ${reply.text}`)
  matchText(reply.text, expected.body ?? '', seen)
  for (const [name, value] of expected.headers) matchHeader(reply, { name, value, seen })
  assertDecent(reply)
  return seen
}

/** Shared rules W12 and W23, which hold for every answer. */
export function assertDecent(reply: Pick<Reply, 'headers' | 'text'>): void {
  assert.match(reply.headers['x-request-id'] ?? '', /^\S+$/, 'every answer has X-Request-Id')
  assert.equal(reply.headers['content-length'], String(Buffer.byteLength(reply.text)), 'Content-Length is the length')
}

function matchHeader(
  reply: Pick<Reply, 'headers'>,
  { name, value, seen }: { readonly name: string; readonly value: string; readonly seen: Seen },
): void {
  const found = reply.headers[name.toLowerCase()]
  if (value === '(absent)') return assert.equal(found, undefined, `${name} is absent`)
  assert.ok(found !== undefined, `${name} is there`)
  matchText(found, value, seen, name)
}

function matchText(actual: string, expected: string, seen: Seen, what = 'the body'): void {
  const names: string[] = []
  const pattern = expected
    .split(placeholder)
    .map((part, i) => (i % 2 === 0 ? literally(part) : formOf(part, { names, seen })))
    .join('')
  const match = new RegExp(`^${pattern}$`, 's').exec(actual)
  if (match === null) assert.equal(actual, expected, `${what} is as the example says`)
  names.forEach((name, i) => {
    seen.set(name, match?.[i + 1] ?? '')
  })
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

function formOf(name: string, { names, seen }: { readonly names: string[]; readonly seen: Seen }): string {
  const known = seen.get(name)
  if (known !== undefined) return literally(known)
  if (names.includes(name)) return `\\${names.indexOf(name) + 1}(?![0-9])`
  const form = forms[name] ?? forms[name.replace(/[0-9]+$/, '')]
  assert.ok(form !== undefined, `{{${name}}} has a form`)
  names.push(name)
  return `(${form})`
}

/** A request with its placeholders filled in. */
export function filled(request: Example['request'], values: (name: string) => string): Example['request'] {
  const fill = (text: string) => text.replace(placeholder, (_all, name: string) => values(name))
  return mapped(request, fill)
}

/** The same change to every text of a request, or of an answer. */
export function mapped<T extends Example['request'] | Example['answer']>(message: T, change: (text: string) => string): T {
  const { body, headers } = message
  const target = 'target' in message ? { target: change(message.target) } : {}
  return {
    ...message,
    ...target,
    headers: headers.map(([name, value]) => [name, change(value)] as const),
    ...(body === undefined ? {} : { body: change(body) }),
  }
}
