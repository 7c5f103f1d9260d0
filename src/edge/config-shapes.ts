/** What the schema of the configuration is made of. */
import Type, { type TObject, type TProperties, type TSchema } from 'typebox'

/** An object whose unknown keys are refused: a mistyped key must never be silently without effect. */
export const exactly = <P extends TProperties>(properties: P): TObject<P> => Type.Object(properties, { additionalProperties: false })

/** As `exactly`; left out as a whole it has its defaults. */
export const section = <P extends TProperties>(properties: P): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, default: {} })

export const list = <T extends TSchema>(items: T) => Type.Array(items, { default: [] })
export const flag = (byDefault: boolean) => Type.Boolean({ default: byDefault })
export const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum })

/** What the reader of an error is told instead of a pattern. */
export const patternMeaning = new Map<string, string>()

export function text(meaning: string, pattern: string, more: { readonly default?: string } = {}) {
  patternMeaning.set(pattern, meaning)
  return Type.String({ pattern, ...more })
}
