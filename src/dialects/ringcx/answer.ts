/** What all answers of RingCX are made of. */
import { type Answer, answer } from '../../http/answer.ts'
import { type Instant, rfc3339 } from '../../kernel/time.ts'
import { digits } from '../phone-number.ts'

/** Content types without a charset: clients compare them whole (contract ringcx, section 11). */
export const jsonText = (text: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  answer(200, text, { 'Content-Type': 'application/json', ...headers })

export const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => jsonText(JSON.stringify(body), headers)

export const plainText = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  answer(status, text, { 'Content-Type': 'text/plain', ...headers })

/** The answer to an action: plain text, or JSON where the client takes nothing else. The bytes are the same. */
export const truth = (value: boolean, accept: string | undefined): Answer =>
  takesOnlyJson(accept) ? json(value) : plainText(200, String(value))

function takesOnlyJson(accept = '*/*'): boolean {
  const ranges = accept
    .split(',')
    .filter((range) => !/;\s*q=0(?:\.0*)?\s*(?:;|$)/i.test(range))
    .map((range) => range.split(';', 1).join('').trim().toLowerCase())
  const takes = (...types: readonly string[]) => ranges.some((range) => types.includes(range))
  return takes('application/json', 'application/*') && !takes('text/plain', 'text/*', '*/*')
}

/** `2020-05-08T14:40:47.000+0000`. */
export const dateOf = (at: Instant): string => rfc3339(at).replace('Z', '+0000')

export const dateOrNull = (at: Instant | undefined): string | null => (at === undefined ? null : dateOf(at))

/** Numbers of the North American plan are shown in national form, all others without their `+`. */
export function nationalDigits(number: string): string {
  const plain = digits(number)
  return /^1\d{10}$/.test(plain) ? plain.slice(1) : plain
}

/** Of agents and gates: an integer, as documented. What a client's number could not hold (W10), or is none, stays text. */
export function idOf(id: string): number | string {
  const plain = withoutZeros(id)
  return /^\d{1,15}$/.test(plain) ? Number(plain) : plain
}

/** Clients that read an id as a number lose its leading zeros. */
export const withoutZeros = (id: string): string => id.replace(/^0+(?=\d)/, '')
