/** What the page says by itself: notes that go away, and words for screen readers. */
import { signal } from '@preact/signals'
import type { Problem } from '../api/types.ts'
import { type Key, t } from '../strings/index.ts'

export interface Notice {
  readonly id: number
  readonly kind: 'note' | 'fault'
  readonly text: string
}

export const notices = signal<readonly Notice[]>([])
/** Read out by screen readers when it changes. */
export const announcement = signal('')

const mostNotices = 4
const shownMs = { note: 5_000, fault: 10_000 }
let count = 0

export function note(kind: Notice['kind'], text: string): void {
  const id = ++count
  notices.value = [...notices.value.filter((notice) => notice.text !== text), { id, kind, text }].slice(-mostNotices)
  setTimeout(() => dismiss(id), shownMs[kind])
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

/** The same words said twice are two different texts, or they would be read once. */
export function announce(text: string): void {
  announcement.value = announcement.value === text ? `${text}\u00a0` : text
}

const told: Readonly<Record<string, Key>> = {
  unreachable: 'problem.unreachable',
  'mode-not-allowed': 'problem.modeNotAllowed',
  'supervision-not-allowed': 'problem.supervisionNotAllowed',
  'call-ended': 'problem.callEnded',
  'supervisor-limit': 'problem.supervisorLimit',
  'recording-not-permitted': 'problem.recordingNotPermitted',
  'credentials-invalid': 'problem.credentialsInvalid',
  'login-locked': 'problem.loginLocked',
  forbidden: 'problem.forbidden',
  timeout: 'problem.timeout',
}

/** In the page's words where it has better ones than the server's. */
export function wordsOf({ code, detail, title }: Problem): string {
  const key = told[code]
  return key === undefined ? detail || title || t('problem.unknown', { code }) : t(key)
}

export function complain(problem: Problem): void {
  const text = wordsOf(problem)
  note('fault', text)
  announce(text)
}
