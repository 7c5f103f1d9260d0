/** Recordings for surfaces: a folder with files as the media process leaves them, and links that are signed with a key of the test's. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordingShelf } from '../src/control/recordings.ts'
import { RecordingCatalog } from '../src/edge/recording-catalog.ts'
import { recordingLinks } from '../src/edge/recording-links.ts'
import type { AccountId } from '../src/kernel/ids.ts'
import { type Instant, rfc3339 } from '../src/kernel/time.ts'
import { wavHeader } from '../src/media/wav.ts'

export const linkAddress = 'https://sotto.test/sotto/v1/linked-recording'

/** Without a folder there is no recording. */
export const shelfOf = (folder = join(tmpdir(), 'sotto-no-recordings')): RecordingShelf => ({
  recordings: new RecordingCatalog(folder),
  links: recordingLinks(Buffer.alloc(32, 7), linkAddress),
})

interface Filed {
  readonly id: string
  readonly call: string
  readonly startedAt: Instant
  readonly seconds?: number
  readonly complete?: false
  readonly format?: 'wav-g711' | 'flac'
}

export class RecordingFolder {
  readonly root = mkdtempSync(join(tmpdir(), 'sotto-shelf-'))

  close(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  /** Two tracks and a mix, whose bytes count up from a number of their own. */
  file(account: AccountId, { id, call, startedAt, seconds = 1, complete, format = 'wav-g711' }: Filed): void {
    const directory = `${account}/${rfc3339(startedAt).slice(0, 10)}`
    mkdirSync(join(this.root, directory), { recursive: true })
    const files = ['p-c', 'p-a', 'mix'].map((name, number) => {
      const path = `${directory}/${id}-${name}.wav`
      const bytes = wavOf(seconds, number)
      writeFileSync(join(this.root, path), bytes)
      return { kind: name === 'mix' ? 'mix' : 'track', name, path, law: 'PCMA', samples: seconds * 8_000, bytes: bytes.length }
    })
    const gaps = [{ from: 800, to: 1_600, why: 'paused' }]
    const ended = complete === undefined ? { complete: true } : { complete, why: 'disk-full' }
    const recording = id.replace(/^([^-]+-\d+)-\d+$/, '$1')
    const note = { recording, bridge: call, directory, stem: id, format, startedAt, files, gaps, ...ended }
    writeFileSync(join(this.root, directory, `${id}.json`), JSON.stringify(note))
  }
}

export function wavOf(seconds: number, first: number): Buffer {
  const data = Buffer.from(Array.from({ length: seconds * 8_000 }, (_, n) => (first + n) & 255))
  return Buffer.concat([wavHeader({ format: 'PCMA', channels: 1, sampleRate: 8_000 }, data.length), data])
}
