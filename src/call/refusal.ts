/** Why the core, or the edge before it, does not do what was asked. Every dialect translates every code (contract `README.md`, "Core refusals"). */
export const refusalCodes = [
  'unauthenticated',
  'credentials-invalid',
  'token-expired',
  'login-locked',
  'forbidden',
  'other-tenant',
  'call-unknown',
  'call-ended',
  'party-unknown',
  'endpoint-unknown',
  'endpoint-unavailable',
  'endpoint-busy',
  'supervision-not-allowed',
  'mode-not-allowed',
  'already-supervised-by-you',
  'supervisor-limit',
  'wrong-state',
  'number-invalid',
  'destination-not-allowed',
  'parameter-missing',
  'parameter-invalid',
  'resource-unknown',
  'disposition-unknown',
  'recording-not-permitted',
  'consent-invalid',
  'no-agent-available',
  'timeout',
  'rate-limited',
  'capacity-exceeded',
  'unsupported',
  'engine-failed',
  'internal-error',
  'body-malformed',
  'body-too-large',
  'media-type-unsupported',
  'method-not-allowed',
  'route-unknown',
] as const

export type RefusalCode = (typeof refusalCodes)[number]

export interface Refusal {
  readonly code: RefusalCode
  /** The parameter of `parameter-missing` and `parameter-invalid`, the kind of `resource-unknown`. */
  readonly name?: string
  /** For a person: one sentence, nothing secret. */
  readonly why?: string
}

export const refusal = (code: RefusalCode, detail: Omit<Refusal, 'code'> = {}): Refusal => ({ code, ...detail })
