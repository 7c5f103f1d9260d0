/** A call's recording as the API gives it, file by file, for the ear: read over HTTP, checked by its checksums, decoded whatever its format. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readWav, wavSamples } from '../src/media/wav.ts'
import { Flac } from '../src/recordings/flac.ts'
import { amplitudeOf } from './ear.ts'
import { eventually } from './phone-wait.ts'
import { reference, type Sotto } from './sotto.ts'

interface Track {
  readonly track: string
  readonly kind: 'track' | 'mix'
  readonly partyId?: string
  readonly bytes: number
  readonly durationMs: number
  readonly sha256?: string
}

interface View {
  readonly id: string
  readonly startedAt: string
  readonly durationMs: number
  readonly format: string
  readonly tracks: readonly Track[]
  readonly gaps: readonly { readonly fromMs: number; readonly toMs: number; readonly why: string }[]
  readonly complete: boolean
}

const windowMs = 20
/**
 * Phones speak at 8,190. A tone that begins or ends within a window has at most 870 of that at another phone's frequency, 150 Hz away, so that
 * whoever is above this was spoken, for a third of the window at least.
 */
const spokenAmplitude = 2_400

const hasTone = (window: Int16Array, tone: number): boolean => amplitudeOf(window, tone) > spokenAmplitude

export class StoredFile {
  readonly samples: Int16Array
  readonly type: string

  constructor(samples: Int16Array, type: string) {
    this.samples = samples
    this.type = type
  }

  /** Of the candidates those that are heard in most of a stretch, in milliseconds. */
  mostly(candidates: readonly number[], { from = 0, to = this.samples.length / 8 } = {}): readonly number[] {
    const windows = this.#windows(from, to)
    return candidates.filter((tone) => windows.filter((window) => hasTone(window, tone)).length > windows.length / 2)
  }

  /** In how many windows of 20 ms this tone is heard at all. */
  windowsWith(tone: number, { from = 0, to = this.samples.length / 8 } = {}): number {
    return this.#windows(from, to).filter((window) => hasTone(window, tone)).length
  }

  isSilent({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): boolean {
    return this.samples.subarray(fromMs * 8, toMs * 8).every((sample) => Math.abs(sample) <= 8)
  }

  #windows(from: number, to: number): readonly Int16Array[] {
    const count = Math.floor((to - from) / windowMs)
    return Array.from({ length: count }, (_, n) => this.samples.subarray((from + n * windowMs) * 8, (from + (n + 1) * windowMs) * 8))
  }
}

export class StoredCall {
  readonly view: View
  readonly files: ReadonlyMap<string, StoredFile>

  constructor(view: View, files: ReadonlyMap<string, StoredFile>) {
    this.view = view
    this.files = files
  }

  get mix(): StoredFile {
    return this.named('mix')
  }

  /** Who is in it, by party. */
  get parties(): readonly string[] {
    return this.view.tracks.flatMap(({ partyId }) => partyId ?? []).toSorted()
  }

  named(track: string): StoredFile {
    const file = this.files.get(track)
    assert.ok(file !== undefined, `no file ${track} among ${[...this.files.keys()]}`)
    return file
  }

  /** The tones that are heard anywhere, and in which files. */
  tones(candidates: readonly number[]): Readonly<Record<string, readonly number[]>> {
    const heard = [...this.files].map(([name, file]) => [name, candidates.filter((tone) => file.windowsWith(tone) > 1)] as const)
    return Object.fromEntries(heard)
  }
}

const ask = (sotto: Sotto, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${sotto.http}/sotto/v1${path}`, { headers: { Authorization: `Bearer ${reference.adminKey}`, ...headers } })

/** Its recordings, oldest first, as soon as they are what they stay. */
export async function storedCalls(sotto: Sotto, call: string, count = 1): Promise<readonly StoredCall[]> {
  const views = await eventually(
    `${count} recordings of the call`,
    async () => {
      const { items } = (await (await ask(sotto, `/recordings?call=${call}`)).json()) as { readonly items: readonly View[] }
      const isReady = items.length === count && items.every(({ tracks }) => tracks.every(({ sha256 }) => sha256 !== undefined))
      return isReady ? items : undefined
    },
    10_000,
  )
  const stored: StoredCall[] = []
  for (const view of views.toReversed()) stored.push(new StoredCall(view, await filesOf(sotto, view)))
  return stored
}

export async function storedCall(sotto: Sotto, call: string): Promise<StoredCall> {
  const [stored] = await storedCalls(sotto, call)
  assert.ok(stored)
  return stored
}

async function filesOf(sotto: Sotto, { id, tracks }: View): Promise<ReadonlyMap<string, StoredFile>> {
  const files = new Map<string, StoredFile>()
  for (const { track, sha256, bytes, durationMs } of tracks) {
    const answer = await ask(sotto, `/recordings/${id}/audio?track=${track}`)
    const body = Buffer.from(await answer.arrayBuffer())
    assert.deepEqual([answer.status, body.length, createHash('sha256').update(body).digest('hex')], [200, bytes, sha256])
    const samples = await decoded(body)
    assert.equal(samples.length, durationMs * 8)
    files.set(track, new StoredFile(samples, answer.headers.get('content-type') ?? ''))
  }
  return files
}

export async function decoded(body: Buffer): Promise<Int16Array> {
  if (body.toString('latin1', 0, 4) !== 'fLaC') {
    const wav = readWav(body)
    assert.ok(wav.ok, wav.ok ? '' : wav.error)
    return wavSamples(wav.value)
  }
  const flac = await Flac.open()
  let at = 0
  const read = (most: number): Uint8Array => {
    const part = new Uint8Array(body.subarray(at, at + most))
    at += part.length
    return part
  }
  return Int16Array.from([...flac.decode(read)].flatMap((piece) => [...piece]))
}
