/** Phone numbers as clients write them (W6, W20). */
import { digitsOf, withoutSeparators } from '../directory/number-plan.ts'

/** Of a query parameter: form decoding made a space of a raw `+` (W6). */
export const plusRestored = (text: string): string => (text.startsWith(' ') ? `+${text.slice(1)}` : text).trim()

/** Digits to compare by (W20). */
export const digits = (text: string): string => digitsOf(withoutSeparators(text))

/** Digits, with or without `+`, after separators are removed. */
export const isNumber = (text: string): boolean => /^\+?\d+$/.test(withoutSeparators(text))
