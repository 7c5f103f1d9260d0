/** Files that the operator has played to callers. */
import { readFileSync } from 'node:fs'
import { limits } from '../kernel/limits.ts'
import { wavLoop } from '../media/wav.ts'

/** Why it cannot be said before a recording, if so. */
export function announcementFault(path: string): string | undefined {
  try {
    const said = wavLoop(readFileSync(path))
    if (!said.ok) return said.error
    return said.value.length > limits.announcementMaxMs * 8 ? `it is longer than ${limits.announcementMaxMs / 1000} s` : undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
