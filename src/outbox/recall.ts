/** What rows say, read in order. */
import type { AccountId } from '../kernel/ids.ts'
import type { Letter, OutboxRow, Webhook } from './words.ts'

export interface Recalled<Content> {
  readonly letters: ReadonlyMap<string, Letter<Content>>
  readonly webhooks: ReadonlyMap<string, Webhook>
  readonly cursors: ReadonlyMap<AccountId, string>
}

/** A row about something that is not there any more says nothing. */
export function recall<Content>(rows: Iterable<OutboxRow<Content>>): Recalled<Content> {
  const letters = new Map<string, Letter<Content>>()
  const webhooks = new Map<string, Webhook>()
  const cursors = new Map<AccountId, string>()
  for (const row of rows) {
    if (row.kind === 'letter') letters.set(row.letter.parcel.id, row.letter)
    else if (row.kind === 'mark') retell(letters, row)
    else if (row.kind === 'gone') letters.delete(row.id)
    else if (row.kind === 'webhook') webhooks.set(row.webhook.id, row.webhook)
    else if (row.kind === 'webhook-gone') webhooks.delete(row.id)
    else cursors.set(row.account, row.event)
  }
  return { letters, webhooks, cursors }
}

function retell<Content>(letters: Map<string, Letter<Content>>, { id, story }: Extract<OutboxRow<Content>, { kind: 'mark' }>): void {
  const known = letters.get(id)
  if (known !== undefined) letters.set(id, { parcel: known.parcel, number: known.number, ...story })
}
