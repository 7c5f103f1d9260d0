/** Phone numbers as clients write them (W6, W20). */

/** W20: what people put between digits. */
const separators = /[\s().-]/g

/** Of a query parameter: form decoding made a space of a raw `+` (W6). */
export const plusRestored = (text: string): string => (text.startsWith(' ') ? `+${text.slice(1)}` : text).trim()

/** Digits to compare by. */
export const digits = (text: string): string => text.replace(separators, '').replace(/^\+/, '')

export const sameDigits = (a: string, b: string): boolean => digits(a) !== '' && digits(a) === digits(b)

/** Digits, with or without `+`, after separators are removed. */
export const isNumber = (text: string): boolean => /^\+?\d+$/.test(text.replace(separators, ''))
