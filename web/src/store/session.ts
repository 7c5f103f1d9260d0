/** Who is signed in. */
import { computed, signal } from '@preact/signals'
import { Client } from '../api/client.ts'
import type { Answer, Session } from '../api/types.ts'

export const client = new Client()

/** Undefined until the server has said whether there is a session. */
export const session = signal<Session | null | undefined>(undefined)

export type Verb = 'monitor' | 'whisper' | 'barge' | 'take-over' | 'record' | 'control' | 'originate'

const supervising: readonly Verb[] = ['monitor', 'whisper', 'barge', 'take-over']
const grants: Readonly<Record<Session['role'], readonly Verb[]>> = {
  observer: [],
  agent: ['control'],
  supervisor: [...supervising, 'record', 'control', 'originate'],
  admin: [...supervising, 'record', 'control', 'originate'],
}

/** The server decides; this only spares people buttons that would be refused. */
export const verbs = computed<ReadonlySet<string>>(() => {
  const current = session.value
  return new Set(current ? (permitted(current.permissions) ?? grants[current.role]) : [])
})

function permitted(permissions: unknown): readonly string[] | undefined {
  const found = Array.isArray(permissions) ? permissions : (permissions as { readonly verbs?: unknown } | undefined)?.verbs
  return Array.isArray(found) && found.every((verb) => typeof verb === 'string') ? found : undefined
}

export type Credentials = { readonly apiKey: string } | { readonly account?: string; readonly username: string; readonly password: string }

export async function signIn(credentials: Credentials): Promise<Answer<Session>> {
  const answer = await client.post<Session>('/session', credentials)
  if (answer.ok) begin(answer.value)
  return answer
}

export async function signOut(): Promise<void> {
  await client.delete('/session')
  session.value = null
}

/** After a (re)load: the cookie may still be good. Tried until the server has answered. */
export async function resume(): Promise<void> {
  for (;;) {
    const answer = await client.get<Session>('/session')
    if (answer.ok) return begin(answer.value)
    if (answer.problem.status !== 0 && answer.problem.status < 500) {
      session.value = null
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

function begin(found: Session): void {
  client.csrf = found.csrf
  session.value = found
}

client.onSignedOut = () => {
  if (session.value) session.value = null
}
