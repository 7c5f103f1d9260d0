/** Processes of the real server are killed; it comes back, or leaves nothing behind. Calls that live through it are in the other files. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { eventually } from '../../testkit/phone-wait.ts'
import { startSotto } from '../../testkit/sotto.ts'

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const health = async (http: string) => (await (await fetch(`${http}/health`)).json()) as { readonly degraded: readonly string[] }

const parentOf = (pid: number): number => Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

test('control that is killed is back with the API, and media did not notice', async () => {
  const sotto = await startSotto()
  const media = sotto.pids('media')
  const [control] = sotto.pids('control')
  assert.ok(media.length === 2 && control !== undefined)
  sotto.kill('control')
  await eventually('another control process', () => sotto.pids('control').some((pid) => pid !== control), 5_000)
  await sotto.ready()
  assert.deepEqual(sotto.pids('media'), media)
  await sotto.stop()
})

test('media that is killed is back, and the server says so', async () => {
  const sotto = await startSotto()
  const [media] = sotto.pids('media')
  sotto.kill('media')
  await eventually('another media process', () => sotto.pids('media').some((pid) => pid !== media), 5_000)
  await eventually('nothing is degraded', async () => (await health(sotto.http)).degraded.length === 0, 5_000)
  await sotto.stop()
})

test('when the launcher is killed, an idle server ends by itself', async () => {
  const sotto = await startSotto()
  await eventually('media and its standby', () => sotto.mediaPair(), 10_000)
  const media = sotto.pids('media')
  const [control] = sotto.pids('control')
  assert.ok(control !== undefined)
  process.kill(parentOf(control), 'SIGKILL')
  await eventually('all are gone', () => [control, ...media].every((pid) => !isAlive(pid)), 5_000)
  await sotto.stop()
})

test('SIGTERM ends an idle server at once and removes its socket', async () => {
  const sotto = await startSotto()
  const [media] = sotto.pids('media')
  const [control] = sotto.pids('control')
  assert.ok(media !== undefined && control !== undefined)
  const socket =
    readFileSync(`/proc/${media}/cmdline`, 'utf8')
      .split('\0')
      .find((arg) => arg.endsWith('media.sock')) ?? ''
  assert.ok(existsSync(socket))
  process.kill(parentOf(control), 'SIGTERM')
  await eventually('both are gone', () => !isAlive(control) && !isAlive(media), 5_000)
  assert.equal(existsSync(socket), false)
  assert.doesNotMatch(sotto.output, /"level":"error"/)
  await sotto.stop()
})
