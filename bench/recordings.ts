/**
 * What is done with recordings when they are over: checksums, FLAC, storage; and how late the rest of the process is meanwhile.
 *   npm run bench -- recordings [--minutes 30] [--files 6]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { writeWav } from '../src/media/wav.ts'
import { RecordingThread } from '../src/recordings/thread.ts'
import { S3Server } from '../testkit/s3-server.ts'
import { babble } from '../testkit/voice-babble.ts'
import { printMachine } from './kit/machine.ts'
import { fixed, printTable } from './kit/samples.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, files: { type: 'string', default: '6' } } })
const [minutes, count] = [Number(values.minutes), Number(values.files)]
const hours = (minutes * count) / 60

const folder = mkdtempSync(join(tmpdir(), 'sotto-bench-'))
const storage = await S3Server.start()
const thread = new RecordingThread({ s3: storage.settings })
const paths = Array.from({ length: count }, (_, n) => join(folder, `${n}.wav`))
for (const [n, path] of paths.entries()) writeFileSync(path, spoken(n))
const sums = new Map<string, string>()
let flacBytes = 0

printMachine('Recordings that are over')
await thread.do({ kind: 'sum', path: paths[0] ?? '' })
const rows = [
  await measured('SHA-256', async (path) => void sums.set(path, (await thread.do({ kind: 'sum', path })).sha256)),
  await measured('FLAC, compared', async (path) => {
    flacBytes += (await thread.do({ kind: 'encode', from: path, to: `${path}.flac` })).bytes
  }),
  await measured('to the storage', async (path) => {
    await thread.do({ kind: 'store', path, key: path, type: 'audio/wav', sha256: sums.get(path) ?? '' })
  }),
]
printTable(['an hour of one voice', 'ms', 'processor, ms', 'main thread late, ms p99', 'at worst'], rows)
console.log(`\nFLAC: ${fixed(flacBytes / hours / 1e6, 1)} MB an hour, of 28.8 MB`)
await thread.close()
await storage.close()
rmSync(folder, { recursive: true, force: true })

/** The storage is in this process: what it costs is part of the last row. */
async function measured(what: string, work: (path: string) => Promise<void>): Promise<string[]> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  for (const path of paths) await work(path)
  const [tookMs, { user, system }] = [performance.now() - began, process.cpuUsage(cpu)]
  delay.disable()
  const cpuMs = (user + system) / 1_000
  return [what, fixed(tookMs / hours, 0), fixed(cpuMs / hours, 0), fixed(delay.percentile(99) / 1e6, 1), fixed(delay.max / 1e6, 1)]
}

/** Somebody who talks and listens by turns. */
function spoken(n: number): Uint8Array {
  const voice = babble({ pitch: 110 + 20 * n, size: 1, seed: n, turn: n % 2 === 0 ? 'first' : 'second' })
  const data = new Uint8Array(minutes * 60 * 8_000)
  for (let frame = 0; frame * 160 < data.length; frame++) data.set(voice.frame(frame % 2_000, 'PCMA'), frame * 160)
  return writeWav({ format: 'PCMA', channels: 1, sampleRate: 8_000, data })
}
