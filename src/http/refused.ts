import { type Refusal, type RefusalCode, refusal } from '../call/refusal.ts'

/** A refusal on its way to the error handler. Raised by the translation only, before the desk was asked; what the desk refuses is a value. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Members that the answer's body has beside those of every refusal, such as RFC 6749 §5.2 wants at a token endpoint. */
  readonly members: Readonly<Record<string, unknown>>

  constructor(reason: Refusal, extra: { status?: number; headers?: Record<string, string>; members?: Record<string, unknown> } = {}) {
    super(reason.code)
    this.refusal = reason
    this.status = extra.status
    this.headers = extra.headers ?? {}
    this.members = extra.members ?? {}
  }
}

export const refuse = (code: RefusalCode, detail: Omit<Refusal, 'code'> = {}): Refused => new Refused(refusal(code, detail))
