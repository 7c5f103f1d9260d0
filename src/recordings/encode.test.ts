import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { silenceByte } from '../media/g711.ts'
import { readWav, type WavFormat, wavSamples, writeWav } from '../media/wav.ts'
import { encodeFile } from './encode.ts'
import { Flac } from './flac.ts'
import { samplesOf, wavLength } from './sample-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-encode-'))
const wavPath = join(folder, 'a.wav')
const flacPath = join(folder, 'a.flac')
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
let flac: Flac

before(async () => {
  flac = await Flac.open()
})
after(() => rmSync(folder, { recursive: true, force: true }))

const wavFile = (format: WavFormat, data: Uint8Array): Uint8Array => writeWav({ format, channels: 1, sampleRate: 8_000, data })

function samplesIn(path: string): Int16Array {
  const pieces = [...samplesOf(flac, path)]
  const all = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

function wanted(file: Uint8Array): Int16Array {
  const wav = readWav(file)
  assert.ok(wav.ok)
  return wavSamples(wav.value)
}

async function encoded(file: Uint8Array) {
  writeFileSync(wavPath, file)
  return encodeFile(flac, { from: wavPath, to: flacPath, turn })
}

describe('a file as FLAC', () => {
  for (const format of ['PCMU', 'PCMA', 'PCM'] as const)
    test(`has every sample of ${format}, whatever the length and the noise`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 0, maxLength: 12_000 }), fc.nat(3), async (data, repeats) => {
          const even = data.subarray(0, data.length - (data.length % 2))
          const file = wavFile(format, Buffer.concat(Array.from({ length: repeats }, () => even)))
          const { bytes, samples, sha256 } = await encoded(file)
          const written = readFileSync(flacPath)
          assert.deepEqual(
            [bytes, samples, sha256],
            [written.length, wavLength(wavPath), createHash('sha256').update(written).digest('hex')],
          )
          assert.deepEqual(samplesIn(flacPath), wanted(file))
        }),
        { numRuns: 40 },
      )
    })

  test('is small where nobody speaks', async () => {
    const { bytes } = await encoded(wavFile('PCMA', new Uint8Array(480_000).fill(silenceByte.PCMA)))
    assert.ok(bytes < 4_000, String(bytes))
  })

  test('begins as RFC 9639 says: length and checksum of the samples are in its head', async () => {
    const file = wavFile(
      'PCMU',
      Uint8Array.from({ length: 100_000 }, (_, n) => (n * n) & 255),
    )
    await encoded(file)
    const head = readFileSync(flacPath)
    const samples = wanted(file)
    const md5 = createHash('md5')
      .update(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength))
      .digest('hex')
    assert.deepEqual(
      [head.toString('latin1', 0, 4), head.readUIntBE(21, 5) & 0xffffffff, head.toString('hex', 26, 42)],
      ['fLaC', 100_000, md5],
    )
  })

  test('that was altered in any byte of its sound is found out', async () => {
    await encoded(
      wavFile(
        'PCMU',
        Uint8Array.from({ length: 20_000 }, (_, n) => (n * 7) & 255),
      ),
    )
    const whole = readFileSync(flacPath)
    for (const at of [100, 500, whole.length >> 1, whole.length - 20]) {
      const altered = Buffer.from(whole)
      altered[at] = (altered[at] ?? 0) ^ 16
      writeFileSync(flacPath, altered)
      assert.throws(() => samplesIn(flacPath), /no whole FLAC file/, String(at))
    }
    writeFileSync(flacPath, whole.subarray(0, whole.length - 100))
    assert.throws(() => samplesIn(flacPath), /no whole FLAC file/)
  })

  test('is not there when it could not be made, and the other one is as it was', async () => {
    rmSync(flacPath, { force: true })
    const damaged = wavFile('PCMU', new Uint8Array(8_000)).slice(0, 30)
    await assert.rejects(encoded(damaged), /WAV/)
    assert.deepEqual([existsSync(flacPath), existsSync(`${flacPath}.part`), readFileSync(wavPath).length], [false, false, 30])
  })
})

test('a WAV file that a killed recorder left is read as far as it goes', () => {
  const whole = wavFile('PCM', new Uint8Array(1_000))
  writeFileSync(wavPath, whole.subarray(0, 44 + 501))
  assert.equal(samplesIn(wavPath).length, 250)
})

test('listeners of the process and fetch are as they were before the library came', async () => {
  const before = [process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection'), typeof fetch]
  await Flac.open()
  assert.deepEqual([process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection'), typeof fetch], before)
})
