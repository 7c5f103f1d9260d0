/** Two real media processes on one path: the active one is killed or frozen under calls, plain and encrypted. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { toneOf } from '../../testkit/ear.ts'
import { hearingOf, TakeoverScene } from '../../testkit/takeover.ts'
import type { MediaEvent, RecordOrder } from '../media/protocol.ts'

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

  test('what was recorded is whole up to there, and recording goes on without anybody asking for it', async () => {
    const reports = () =>
      scene.control.events.filter((event): event is Extract<MediaEvent, { kind: 'recorded' }> => event.kind === 'recorded')
    await until('the first part is told of', () => reports().some(({ why }) => why === 'recorder-died'))
    await wait(500)
    scene.control.send({ ...recording, state: 'off' })
    await until('the second part is told of', () => reports().some(({ complete }) => complete))
    const [first, second] = [false, true].map((complete) => reports().find((report) => report.complete === complete))
    const endOfFirst = (first?.startedAt ?? 0) + (first?.files[0]?.samples ?? 0) / 8
    assert.ok((second?.startedAt ?? 0) > endOfFirst, 'the hole lies between the parts')
    assert.ok((second?.files[0]?.samples ?? 0) > 8 * 500)
    assert.ok(existsSync(join(recordings, second?.files[0]?.path ?? '')))
    assert.ok(readFileSync(join(recordings, first?.files[0]?.path ?? '')).length > 1_000)
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
