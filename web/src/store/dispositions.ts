/** What may come of a call, as the account is configured: read when somebody is to say it, and again after the link was away. */
import { signal } from '@preact/signals'
import type { Session } from '../api/types.ts'
import { onEvents } from './live.ts'
import { client, session } from './session.ts'

export const dispositions = signal<readonly string[]>([])

let readFor: Session | undefined

export async function readDispositions(): Promise<void> {
  const who = session.peek() ?? undefined
  if (who === undefined || who === readFor) return
  readFor = who
  const read = await client.all<{ readonly name: string }>('/dispositions')
  if (read.ok) dispositions.value = read.value.map(({ name }) => name)
  else readFor = undefined
}

// An empty batch is a new snapshot: the server may have started anew, with other words.
onEvents((events) => {
  if (events.length === 0) readFor = undefined
})
