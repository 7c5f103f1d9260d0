/** Answers in Smartflo's form (contract smartflo, sections 1 and 5). */
import Type from 'typebox'
import { type Answer, answer } from '../../http/answer.ts'

const type = { 'Content-Type': 'application/json' } as const

/** `text` is JSON. */
export const jsonText = (text: string): Answer => answer(200, text, type)
export const json = (body: object): Answer => jsonText(JSON.stringify(body))

/** Clients search the whole text for words such as "fail": no message may contain one. */
export const done = (message: string): Answer => json({ success: true, message })
export const queued = (refId: string): Answer => json({ success: true, message: 'Originate successfully queued', ref_id: refId })

export const doneSchema = Type.Object({ success: Type.Literal(true), message: Type.String() })

/** An id as the number that the vendor makes of it. Ids that are none, or too long to be exact, stay texts. */
export function asNumber(id: string): number | string {
  const number = /^\d+$/.test(id) ? Number(id) : Number.NaN
  return Number.isSafeInteger(number) ? number : id
}

/** `HH:MM:SS`. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
