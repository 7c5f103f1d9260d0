/** Golden examples as the wire contracts write them (contracts, "Golden examples"): read strictly, because an example that is misread proves nothing. */

export type HeaderLine = readonly [name: string, value: string]

export interface Example {
  readonly id: string
  readonly title: string
  readonly request: {
    readonly method: string
    /** As it goes over the wire. */
    readonly target: string
    readonly headers: readonly HeaderLine[]
    readonly body?: string
  }
  readonly answer: { readonly status: number; readonly headers: readonly HeaderLine[]; readonly body?: string }
}

export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** All examples of a file, in order. */
export function parseGolden(text: string): readonly Example[] {
  if (text.includes('\r')) throw new Unreadable('lines end with LF')
  const lines = text.split('\n')
  const heads = lines.flatMap((line, i) => (line.startsWith('### ') ? [i] : []))
  if (heads[0] !== 0) throw new Unreadable('a file begins with an example')
  const examples = heads.map((head, i) => parseExample(lines.slice(head, heads[i + 1])))
  const numbered = examples.map(({ id }, i) => id.endsWith(`-${String(i + 1).padStart(2, '0')}`))
  if (numbered.includes(false)) throw new Unreadable(`example ${numbered.indexOf(false) + 1} is out of order`)
  return examples
}

function parseExample([head = '', ...rest]: readonly string[]): Example {
  const [, id, title] = /^### ([A-Z]{2}-\d{2}) (\S.*)$/.exec(head) ?? []
  if (id === undefined || title === undefined) throw new Unreadable(`no id and title: ${head}`)
  const arrows = rest.flatMap((line, i) => (line.startsWith('=> ') ? [i] : []))
  const [arrow] = arrows
  if (arrow === undefined || arrows.length > 1) throw new Unreadable(`${id}: one line says what is answered`)
  const [, method, target] = /^([A-Z]+) (\/\S*)$/.exec(rest[0] ?? '') ?? []
  if (method === undefined || target === undefined) throw new Unreadable(`${id}: no request line: ${rest[0]}`)
  const [, status] = /^=> (\d{3})$/.exec(rest[arrow] ?? '') ?? []
  if (status === undefined) throw new Unreadable(`${id}: no status: ${rest[arrow]}`)
  return {
    id,
    title,
    request: { method, target, ...parseMessage(id, rest.slice(1, arrow)) },
    answer: { status: Number(status), ...parseMessage(id, rest.slice(arrow + 1)) },
  }
}

/** Newlines after the last line of a body are no part of it. */
function parseMessage(id: string, lines: readonly string[]): { readonly headers: readonly HeaderLine[]; readonly body?: string } {
  const gap = lines.indexOf('')
  const headers = (gap < 0 ? lines : lines.slice(0, gap)).map((line) => parseHeader(id, line))
  const body = (gap < 0 ? [] : lines.slice(gap + 1)).join('\n').replace(/\n+$/, '')
  if (body.startsWith('\n')) throw new Unreadable(`${id}: a body begins after one empty line`)
  return { headers, ...(body === '' ? {} : { body }) }
}

function parseHeader(id: string, line: string): HeaderLine {
  const [, name, value] = /^([A-Za-z][A-Za-z0-9-]*): (\S.*)$/.exec(line) ?? []
  if (name === undefined || value === undefined || value.endsWith(' ')) throw new Unreadable(`${id}: no header: ${line}`)
  return [name, value]
}
