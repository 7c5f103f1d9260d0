import type { RefusalCode } from '../call/refusal.ts'

/** Fastify's own errors carry a status; anything else is a bug. */
export function codeOfFault(cause: unknown): RefusalCode {
  const status = typeof cause === 'object' && cause !== null && 'statusCode' in cause ? cause.statusCode : undefined
  if (status === 413) return 'body-too-large'
  if (status === 415) return 'media-type-unsupported'
  return typeof status === 'number' && status >= 400 && status < 500 ? 'body-malformed' : 'internal-error'
}
