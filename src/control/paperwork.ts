/** What is done with the records themselves, and not with calls. */
import type { DeskInput } from './desk-words.ts'
import { erase } from './erasing.ts'
import type { Turn } from './turn.ts'

export type PaperInput = Extract<DeskInput, { kind: 'note' | 'erase' | 'refused' }>

type Parts = Parameters<typeof erase>[0] & { readonly turn: Turn }

export function doPaperwork(parts: Parts, input: PaperInput): void {
  switch (input.kind) {
    case 'note':
      return parts.records.note(input.account, input.fact)
    case 'refused':
      return parts.records.attempted(input.caller, input.attempt)
    case 'erase':
      erase(parts, input.account, input.person)
      return parts.turn.write({ kind: 'erased', account: input.account, person: input.person })
  }
}
