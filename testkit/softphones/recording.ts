/** What a softphone has heard, from the file that it is writing. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tonesIn } from '../phone-tones.ts'
import { sampleRate } from '../voice.ts'
import { readWav, toRate, type Wav } from '../voice-wav.ts'

/** The newest file in a folder whose name matches. */
export function newestFile(dir: string, name: RegExp): string | undefined {
  const files = readdirSync(dir).filter((file) => name.test(file))
  const dated = files.map((file) => ({ path: join(dir, file), at: statSync(join(dir, file)).mtimeMs }))
  return dated.sort((a, b) => b.at - a.at)[0]?.path
}

/** Samples at 8 kHz between two moments of a recording; negative ones count from its present end. */
export function samplesIn(path: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs?: number }): Int16Array {
  const bytes = readFileSync(path)
  const samples = toRate(readWav(bytes) ?? headless(bytes), sampleRate)
  return samples.slice((fromMs * sampleRate) / 1_000, toMs === undefined ? undefined : (toMs * sampleRate) / 1_000)
}

/** linphonec writes the first page of its file last, so a recording that goes on has a hole where its head belongs. */
function headless(bytes: Buffer): Wav {
  const data = bytes.subarray(44)
  return { rate: sampleRate, samples: Int16Array.from({ length: data.length >> 1 }, (_, i) => data.readInt16LE(2 * i)) }
}

export function tonesAtEnd(path: string | undefined, windowMs: number): readonly number[] {
  if (path === undefined) return []
  return tonesIn(samplesIn(path, { fromMs: -windowMs }))
}
