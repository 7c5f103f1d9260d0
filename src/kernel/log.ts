type Fields = Readonly<Record<string, unknown>>

/** Structured log. `edge/` implements it with pino; a test passes `silent`. */
export interface Log {
  debug(fields: Fields, message: string): void
  info(fields: Fields, message: string): void
  warn(fields: Fields, message: string): void
  error(fields: Fields, message: string): void
}

const nothing = () => {}
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
