import { type Refusal, type RefusalCode, refusal } from '../call/refusal.ts'
import { type Answer, answer } from '../http/answer.ts'
import type { Refused } from '../http/refused.ts'
import { explanations, refusals } from './refusals.ts'

/** RFC 9457 with the members that the contract adds. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: RefusalCode
  readonly requestId: string
  readonly parameter?: string
}

export const problemType = (code: RefusalCode): string => `urn:sotto:refusal:${code}`

/** What `Retry-After` says where nobody knows better. */
const retryAfterSeconds = 5

export function problemOf(reason: Refusal, requestId: string, status?: number): Problem {
  const kind = refusals[reason.code]
  if (kind.shownAs !== undefined) return problemOf(refusal(kind.shownAs), requestId)
  return {
    type: problemType(reason.code),
    title: kind.title,
    status: status ?? kind.status,
    detail: reason.why ?? explanations[reason.code],
    code: reason.code,
    requestId,
    ...parameterOf(reason),
  }
}

function parameterOf(reason: Refusal): { readonly parameter?: string } {
  if (reason.name === undefined) return {}
  return reason.code === 'parameter-missing' || reason.code === 'parameter-invalid' ? { parameter: reason.name } : {}
}

export function problemAnswer(reason: Refusal, requestId: string): Answer {
  return answerOf(problemOf(reason, requestId), {}, {})
}

export function refusedAnswer(refused: Refused, requestId: string): Answer {
  return answerOf(problemOf(refused.refusal, requestId, refused.status), refused.headers, refused.members)
}

function answerOf(problem: Problem, headers: Readonly<Record<string, string>>, members: Readonly<Record<string, unknown>>): Answer {
  return answer(problem.status, JSON.stringify({ ...problem, ...members }), {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...usualHeaders(problem),
    ...headers,
  })
}

function usualHeaders(problem: Problem): Readonly<Record<string, string>> {
  if (problem.status === 429 || problem.status === 503) return { 'Retry-After': String(retryAfterSeconds) }
  // RFC 9110 §15.5.2: a 401 names the scheme; RFC 6750 §3 names the fault of a token that was sent.
  if (problem.status !== 401) return {}
  return { 'WWW-Authenticate': problem.code === 'token-expired' ? 'Bearer realm="sotto", error="invalid_token"' : 'Bearer realm="sotto"' }
}
