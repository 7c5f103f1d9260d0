/** Recording by the real process: its thread, its files, its deaths. What is in the files in detail, `media/recording.test.ts` proves. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { toneOf } from '../../testkit/ear.ts'
import { LoopbackPhone } from '../../testkit/loopback-phone.ts'
import { type MediaChild, MediaControl, startMediaChild } from '../../testkit/media-control.ts'
import { dataOf, tonesOf } from '../../testkit/recording-room.ts'
import { bridgeId, legId } from '../kernel/ids.ts'
import type { MediaEvent, RecordingReport, RecordOrder } from '../media/protocol.ts'
import { wavHeaderBytes, wavSamples } from '../media/wav.ts'

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const tones = [0, 1, 2, 3].map(toneOf)
const roots: string[] = []
after(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'sotto-recordings-'))
  roots.push(root)
  return root
}

interface Call {
  readonly child: MediaChild
  readonly control: MediaControl
  readonly customer: LoopbackPhone
  readonly agent: LoopbackPhone
  close(): Promise<void>
}

async function conversation(recordings: string, ports: string): Promise<Call> {
  const child = await startMediaChild({ ports, recordings })
  const control = await MediaControl.connect(child.socketPath)
  await control.hello(1)
  const customer = await phone(control, 'customer', 0)
  const agent = await phone(control, 'agent', 1)
  const wired = control.next('rewired')
  const rows = [
    { listener: customer.leg, talkers: [agent.leg] },
    { listener: agent.leg, talkers: [customer.leg] },
  ]
  control.send({ kind: 'rewire', bridge: bridgeId('b'), account: 'acme', revision: 1, rows })
  await wired
  const close = async () => {
    for (const one of [customer, agent]) one.close()
    control.close()
    await child.stop()
  }
  return { child, control, customer, agent, close }
}

async function phone(control: MediaControl, name: string, speaker: number): Promise<LoopbackPhone> {
  const made = await LoopbackPhone.open(legId(name), speaker)
  const local = await control.openLeg(made.leg)
  control.send({ kind: 'set-leg', leg: made.leg, media: made.media })
  made.speakTo(local.port)
  return made
}

function order(call: Call, state: RecordOrder['state'], recording = 'r1'): RecordOrder {
  const tracks = [call.customer, call.agent].map(({ leg }) => ({ leg, name: leg, voice: 'conversation' as const }))
  return {
    ...{ kind: 'record', bridge: bridgeId('b'), recording, state, directory: 'acme/day' },
    ...{ format: 'wav-pcm16', mix: true, coach: 'exclude', tracks },
  }
}

const samplesIn = (root: string, path: string): Int16Array => wavSamples(dataOf(readFileSync(join(root, path))))

/** Tones that are in nearly every 20 ms of a file's middle: a busy machine may have dropped a packet. */
function mostly(samples: Int16Array): readonly number[] {
  const windows = Array.from({ length: Math.floor(samples.length / 160) - 30 }, (_, n) => samples.subarray((n + 15) * 160, (n + 16) * 160))
  return tones.filter((hertz) => windows.filter((window) => tonesOf(window, [hertz]).length === 1).length > windows.length * 0.8)
}

function assertSpoken(root: string, report: RecordingReport): void {
  const byName = Object.fromEntries(report.files.map(({ name, path }) => [name, mostly(samplesIn(root, path))]))
  assert.deepEqual(byName, { customer: [toneOf(0)], agent: [toneOf(1)], mix: [toneOf(0), toneOf(1)] })
}

const isRecorded = (event: MediaEvent): event is Extract<MediaEvent, { kind: 'recorded' }> => event.kind === 'recorded'

describe('the recorder of the real process', () => {
  test('files are whole and named when it is told off, a note lies beside them, nothing is open any more', async () => {
    const root = folder()
    const call = await conversation(root, '11600-11619')
    call.control.send(order(call, 'on'))
    await wait(1_500)
    assert.ok(existsSync(join(root, 'acme/day/r1-customer.wav.part')))
    const done = call.control.next('recorded')
    call.control.send(order(call, 'off'))
    const report = await done
    assert.deepEqual([report.complete, report.gaps, report.files.length], [true, [], 3])
    assertSpoken(root, report)
    const note = JSON.parse(readFileSync(join(root, 'acme/day/r1.json'), 'utf8'))
    assert.deepEqual([note.files, note.startedAt], [report.files, report.startedAt])
    assert.deepEqual(readdirSync(join(root, '.open')), [])
    assert.deepEqual(
      readdirSync(join(root, 'acme/day')).filter((name) => name.endsWith('.part')),
      [],
    )
    await call.close()
  })

  test('SIGTERM ends recordings in order: control is told, the files are whole', async () => {
    const root = folder()
    const call = await conversation(root, '11620-11639')
    call.control.send(order(call, 'on'))
    await wait(1_000)
    const done = call.control.next('recorded')
    const stopped = call.child.stop()
    const report = await done
    await stopped
    assert.deepEqual([report.complete, report.why], [false, 'media-stopped'])
    assertSpoken(root, report)
    for (const one of [call.customer, call.agent]) one.close()
  })

  test('kill -9 leaves valid files up to a second or so before; the next process names them and tells of them', async () => {
    const root = folder()
    const call = await conversation(root, '11640-11659')
    call.control.send(order(call, 'on'))
    await wait(1_000)
    call.control.send(order(call, 'paused'))
    await wait(500)
    call.control.send(order(call, 'on'))
    await wait(1_500)
    call.child.process.kill('SIGKILL')
    await wait(100)
    for (const name of ['customer', 'agent', 'mix']) {
      const file = readFileSync(join(root, `acme/day/r1-${name}.wav.part`))
      const inHeader = file.readUInt32LE(40)
      assert.ok(file.length - wavHeaderBytes >= inHeader && inHeader >= 16_000 * 1.2, `${name}: ${inHeader} of ${file.length}`)
      assert.ok(dataOf(file).data.length >= inHeader)
    }
    await call.close()

    const child = await startMediaChild({ ports: '11640-11659', recordings: root })
    const control = await MediaControl.connect(child.socketPath)
    await control.hello(2)
    await wait(500)
    const told = control.next('recorded')
    control.send({ kind: 'list' })
    const report = await told
    assert.deepEqual([report.complete, report.why, report.recording], [false, 'recorder-died', 'r1'])
    assert.ok(
      report.files.every(({ samples }) => samples >= 8_000 * 2.2),
      JSON.stringify(report.files),
    )
    const [pause] = report.gaps
    assert.equal(pause?.why, 'paused')
    for (const { path } of report.files) {
      const samples = samplesIn(root, path)
      assert.ok(samples.subarray(pause?.from, pause?.to).every((sample) => sample === 0))
      assert.notEqual(tonesOf(samples.subarray((pause?.to ?? 0) + 480, (pause?.to ?? 0) + 640), tones).length, 0)
    }
    assert.deepEqual(readdirSync(join(root, '.open')), [])
    control.close()
    await child.stop()
  })

  test('a full disk ends the recording, not the call; the files are valid up to there', async (t) => {
    const root = folder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', root], { stdio: 'ignore' })
    } catch {
      return t.skip('no right to mount a small disk')
    }
    try {
      const call = await conversation(root, '11660-11679')
      const done = call.control.next('recorded')
      call.control.send(order(call, 'on'))
      const report = await done
      assert.deepEqual([report.complete, report.why], [false, 'disk-full'])
      assertSpoken(root, report)
      for (const { path, samples, bytes } of report.files) {
        const file = readFileSync(join(root, path))
        assert.deepEqual([file.length, file.readUInt32LE(40), samplesIn(root, path).length], [bytes, bytes - wavHeaderBytes, samples])
      }
      await wait(300)
      assert.deepEqual([call.customer.ear.heard, call.agent.ear.heard], [[toneOf(1)], [toneOf(0)]])
      call.control.send(order(call, 'on'))
      await wait(100)
      assert.equal(call.control.events.filter(isRecorded).length, 2, 'it stays ended, and is told again')
      const refused = call.control.next('record-failed')
      writeFileSync(join(root, 'filler'), '')
      try {
        writeFileSync(join(root, 'filler'), new Uint8Array(100_000))
      } catch {
        // What fits is written: the disk is full to the last byte.
      }
      call.control.send(order(call, 'on', 'r2'))
      assert.equal((await refused).why, 'disk-full')
      await call.close()
    } finally {
      execFileSync('umount', [root])
    }
  })
})
