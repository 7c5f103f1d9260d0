/** Two real media processes on one path: the active one is killed or frozen under calls, plain and encrypted. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { toneOf } from '../../testkit/ear.ts'
import { tonesOf } from '../../testkit/recording-room.ts'
import { hearingOf, TakeoverScene } from '../../testkit/takeover.ts'
import type { LegId } from '../kernel/ids.ts'
import type { MediaEvent, RecordOrder } from '../media/protocol.ts'
import { readWav, wavSamples } from '../media/wav.ts'

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 5_000
  while (!holds()) {
    assert.ok(performance.now() < end, what)
    await wait(20)
  }
}

describe('a standby takes over', () => {
  const recordings = mkdtempSync(join(tmpdir(), 'sotto-standby-'))
  let scene: TakeoverScene
  const recording: RecordOrder = {
    ...{ kind: 'record', recording: 'r1', state: 'on', directory: 'day', format: 'wav-g711', mix: false, coach: 'exclude' },
    bridge: 'call-0' as RecordOrder['bridge'],
    tracks: [{ leg: 'customer-0' as RecordOrder['tracks'][number]['leg'], name: 'customer', voice: 'conversation' }],
  }

  before(async () => {
    scene = await TakeoverScene.open({ calls: 6, secureEvery: 2, ports: '46000-46199', recordings })
    scene.control.send(recording)
    // The writer is half a second behind.
    await wait(1_500)
  })

  after(async () => {
    await scene.close()
    rmSync(recordings, { recursive: true, force: true })
  })

  async function successionBy(signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
    for (const phone of scene.phones) phone.listen()
    await wait(300)
    scene.active.process.kill(signal)
    await wait(signal === 'SIGKILL' ? 700 : 1_200)
    for (const phone of scene.phones) {
      const { leg, numbersReused, ssrcs, refused, missingMs } = phone.loss()
      assert.ok(performance.now() - phone.lastAt < 200, `audio to ${leg} has stopped`)
      assert.deepEqual([numbersReused, ssrcs, refused], [0, 1, 0], leg)
      assert.ok(missingMs <= 600, `${leg} misses ${missingMs} ms`)
    }
    rightHearing()
  }

  function rightHearing(): void {
    for (const { mode, phones } of scene.calls) {
      for (const [listener, talkers] of hearingOf[mode].entries()) {
        const phone = phones[listener]
        assert.deepEqual(
          phone?.ear.heard,
          talkers.map(toneOf).toSorted((a, b) => a - b),
          `${mode} ${phone?.leg}`,
        )
      }
    }
  }

  test('killed: every stream goes on by number, time and SSRC, SRTP is accepted, everybody hears whom he heard', async () => {
    await successionBy('SIGKILL')
    scene.succeeded()
    await scene.attach()
    const listed = scene.control.next('inventory')
    scene.control.send({ kind: 'list' })
    const { legs, bridges } = await listed
    assert.equal(legs.length, scene.phones.length)
    assert.ok(bridges.every(({ revision }) => revision === 1))
  })

  test('the recording goes on as one, without anybody asking for it; what the change cost is marked in it', async () => {
    const reports = () =>
      scene.control.events.filter((event): event is Extract<MediaEvent, { kind: 'recorded' }> => event.kind === 'recorded')
    await wait(500)
    scene.control.send({ ...recording, state: 'off' })
    await until('it is told of', () => reports().length > 0)
    await wait(300)
    const [report, ...more] = reports()
    assert.deepEqual([report?.complete, report?.files.length, more.length], [true, 1, 0])
    const [hole, ...others] = report?.gaps ?? []
    assert.deepEqual([hole?.why, others.length], ['hole', 0])
    assert.ok(hole !== undefined && hole.to - hole.from < 8 * 1_500, JSON.stringify(hole))
    const wav = readWav(readFileSync(join(recordings, report?.files[0]?.path ?? '')))
    assert.ok(wav.ok)
    const samples = wavSamples(wav.value)
    for (const at of [hole.from - 8 * 200, hole.to + 8 * 200])
      assert.deepEqual(tonesOf(samples.subarray(at, at + 160), [0, 1].map(toneOf)), [toneOf(0)], `${at} of ${samples.length}`)
    assert.ok(samples.subarray(hole.from + 8, hole.to).every((sample) => sample === 0))
    assert.deepEqual(readdirSync(join(recordings, '.open')), [])
  })

  test('revisions hold: a matrix that is older than the predecessor’s newest is not taken', async () => {
    const [{ bridge, phones }] = scene.calls as [(typeof scene.calls)[number]]
    const [customer, agent, supervisor] = phones.map(({ leg }) => leg) as [LegId, LegId, LegId]
    const rows = [{ listener: customer, talkers: [agent, supervisor] }]
    scene.control.send({ kind: 'rewire', bridge, account: 'acme', revision: 0, rows })
    await wait(300)
    rightHearing()
  })

  test('a process that starts on the path of a living one becomes its standby; frozen, the living one is ended before it is replaced', async () => {
    await scene.startStandby()
    const frozen = scene.active.process
    await successionBy('SIGSTOP')
    assert.equal(frozen.kill('SIGCONT'), false)
    assert.equal(frozen.signalCode, 'SIGKILL')
    scene.succeeded()
    await scene.attach()
  })
})

test('the lease is not renewed by a death: who stays away for too long loses the supervisors’ voices at the same moment as ever', async () => {
  const scene = await TakeoverScene.open({ calls: 3, ports: '46200-46299' })
  const leaseMs = 3_000
  await scene.control.hello(9, leaseMs)
  const end = performance.now() + leaseMs
  await wait(1_200)
  scene.active.process.kill('SIGKILL')
  const agents = () => scene.calls.map(({ mode, phones }) => [mode, phones[1]?.ear.heard])
  const withSupervisor = [toneOf(0), toneOf(2)].toSorted((a, b) => a - b)
  await wait(end - 600 - performance.now())
  assert.deepEqual(agents(), [
    ['monitor', [toneOf(0)]],
    ['whisper', withSupervisor],
    ['barge', withSupervisor],
  ])
  await wait(end + 500 - performance.now())
  assert.deepEqual(
    agents().map(([, heard]) => heard),
    [[toneOf(0)], [toneOf(0)], [toneOf(0)]],
  )
  scene.succeeded()
  await scene.close()
})

test('one that stops of its own will is succeeded when it has ended, and not before', async () => {
  const scene = await TakeoverScene.open({ calls: 1, ports: '46300-46399' })
  const ended = once(scene.active.process, 'exit')
  scene.active.process.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
  scene.succeeded()
  await scene.attach()
  const listed = scene.control.next('inventory')
  scene.control.send({ kind: 'list' })
  assert.deepEqual((await listed).legs, [])
  await scene.close()
})
