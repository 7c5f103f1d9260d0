/** Bodies: JSON, repaired where it is broken in the ways in which the vendor's own example is (contract voipnow, section 5). */
import { type JsonObject, parseJson, readJson } from '../../http/body.ts'
import { Refused } from '../../http/refused.ts'
import type { Ask, House } from '../dialect.ts'

export interface Body {
  readonly fields: JsonObject
  /** How many places were repaired. */
  readonly repairs: number
}

/** The content type is not consulted: clients send whatever they like. */
export function bodyOf(house: Pick<House, 'settings' | 'log'>, { body, requestId }: Pick<Ask, 'body' | 'requestId'>): Body {
  try {
    return { fields: readJson({ bytes: body, contentType: undefined, contentEncoding: undefined }), repairs: 0 }
  } catch (cause) {
    if (!house.settings.voipnow.lenientJson || body === undefined || body.length > longestRepaired) throw cause
    const repaired = repair(body.toString('utf8').replace(/^\uFEFF/, ''))
    if (repaired === undefined) throw cause
    const fields = parseJson(repaired.text)
    house.log.info({ requestId, repairs: repaired.count }, 'a broken body was repaired')
    return { fields, repairs: repaired.count }
  }
}

/** Says on the answer, or on the refusal, that the body was repaired. */
export async function sayingSo<T extends { readonly headers: Readonly<Record<string, string>> }>(
  { repairs }: Body,
  act: () => Promise<T>,
): Promise<T> {
  if (repairs === 0) return act()
  try {
    const answer = await act()
    return { ...answer, headers: { ...answer.headers, ...lenient } }
  } catch (cause) {
    if (!(cause instanceof Refused)) throw cause
    const { refusal, members } = cause
    throw new Refused(refusal, { headers: { ...cause.headers, ...lenient }, members })
  }
}

const lenient = { 'X-Sotto-Lenient': '1' } as const
const longestRepaired = 4_096
const mostRepairs = 8

/** Undefined where nothing was found to repair, or too much. */
export function repair(text: string): { readonly text: string; readonly count: number } | undefined {
  let count = 0
  const lines = text.split('\n').map((line) =>
    rules.reduce((before, rule) => {
      const after = rule(before)
      if (after !== before) count += 1
      return after
    }, line),
  )
  return count === 0 || count > mostRepairs ? undefined : { text: lines.join('\n'), count }
}

const rules: readonly ((line: string) => string)[] = [openedOtherwise, colonInside, leftOpen]

/** `'name":` is `"name":`. */
function openedOtherwise(line: string): string {
  return line.replace(/^([ \t]*(?:[{,][ \t]*)?)'(\w+)"(?=[ \t]*:)/, '$1"$2"')
}

/** `"name:"value"` is `"name":"value"`. */
function colonInside(line: string): string {
  return line.replace(/^([ \t]*(?:[{,][ \t]*)?)"(\w+):"(?![ \t]*[:,}])/, '$1"$2":"')
}

/** A string that its line does not close ends before the last comma; an extension is closed by the quote that was mistyped as `*`. */
function leftOpen(line: string): string {
  if (quotes(line) % 2 === 0) return line
  const trimmed = line.trimEnd()
  const open = trimmed.endsWith(',') ? trimmed.slice(0, -1) : trimmed
  const at = open.lastIndexOf('"') + 1
  const value = open.slice(at)
  return `${open.slice(0, at)}${/^\d+\*\d+\*$/.test(value) ? value.slice(0, -1) : value}"${line.slice(open.length)}`
}

/** Without those that are escaped. */
const quotes = (line: string): number => line.replaceAll(/\\./g, '').split('"').length - 1
