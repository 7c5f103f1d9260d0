import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { headOf, linesOf, recordsOf } from '../ledger/line.ts'
import type { OutboxRow } from '../outbox/words.ts'

export const rowsOf = 'outbox'

export interface ReadFile {
  readonly name: string
  readonly number: number
  readonly isDamaged: boolean
}

/** What the outbox's folder holds, oldest first. */
export interface ReadOutbox<Content> {
  readonly rows: readonly OutboxRow<Content>[]
  readonly files: readonly ReadFile[]
  /** By file and place; what stands in these lines was left out. */
  readonly damage: readonly string[]
}

export const fileName = (number: number): string => `${String(number).padStart(8, '0')}.jsonl`
const namePattern = /^(\d{8,})\.jsonl$/

/** A damaged line is left out: each row stands for itself. One that was not written to its end is what a killed process leaves, and no damage. */
export function readOutbox<Content>(folder: string): ReadOutbox<Content> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const rows: OutboxRow<Content>[] = []
  const damage: string[] = []
  const files = numbersIn(folder).map(({ name, number }) => {
    const damagedAt = readLines(join(folder, name), rows)
    damage.push(...damagedAt.map((offset) => `${name} is damaged at byte ${offset}; what this line said is left out`))
    return { name, number, isDamaged: damagedAt.length > 0 }
  })
  return { rows, files, damage }
}

function numbersIn(folder: string): readonly { readonly name: string; readonly number: number }[] {
  const found = readdirSync(folder).flatMap((name) => {
    const [, digits] = namePattern.exec(name) ?? []
    return digits === undefined ? [] : [{ name, number: Number(digits) }]
  })
  return found.sort((a, b) => a.number - b.number)
}

/** Where lines are damaged. */
function readLines<Content>(path: string, rows: OutboxRow<Content>[]): readonly number[] {
  const damaged: number[] = []
  for (const { offset, line, isTerminated } of linesOf(readFileSync(path))) {
    const head = headOf(line)
    if (head?.of === rowsOf) for (const row of recordsOf(line)) rows.push(row as OutboxRow<Content>)
    else if (head === undefined && isTerminated) damaged.push(offset)
  }
  return damaged
}
