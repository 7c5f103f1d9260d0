/** Knowledge of the world's numbering plans, implemented in edge/numbers.ts. `text` holds digits and at most a leading `+`. */
export interface NumberPlan {
  /** E.164 with `+` of a number that certainly is one: an international form of possible length, or a valid national number of `country`. */
  e164(text: string, country: string): string | undefined
  /** As `e164`, and national numbers that merely have a possible length: good enough to compare with a known number, not to dial. */
  possible(text: string, country: string): string | undefined
}

/** W20: what people put between digits. */
export const withoutSeparators = (text: string): string => text.replace(/[\s().-]/g, '')

/** W20: numbers compare by their digits, with or without `+`. */
export const digitsOf = (number: string): string => number.replace(/^\+/, '')
