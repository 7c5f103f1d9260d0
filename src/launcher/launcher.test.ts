import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const running = new Set<ChildProcess>()
after(() => {
  for (const child of running) child.kill('SIGKILL')
})

/** A launcher whose output can be awaited line by line. */
class Run {
  readonly child: ChildProcess
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>
  #output = ''

  constructor(args: readonly string[], environment: Record<string, string> = {}) {
    this.child = spawn(process.execPath, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(this.child)
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      running.delete(this.child)
      return [code, signal]
    })
  }

  get output(): string {
    return this.#output
  }

  /** Waits until the output matches `count` times; gives the first group of each match. */
  async says(pattern: RegExp, count = 1): Promise<readonly string[]> {
    for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 20) {
      const found = [...this.#output.matchAll(new RegExp(pattern, 'g'))]
      if (found.length >= count) return found.map((m) => m[1] ?? m[0])
      await new Promise((done) => setTimeout(done, 20))
    }
    throw new assert.AssertionError({ message: `never said ${pattern} ${count} times:\n${this.#output}` })
  }
}

const launch = (environment: Record<string, string> = {}, ...args: string[]): Run =>
  new Run([path('testkit/launcher/run.ts'), ...args], environment)

function isAlive(pid: string | undefined): boolean {
  try {
    return process.kill(Number(pid), 0)
  } catch {
    return false
  }
}

async function gone(pid: string | undefined): Promise<void> {
  for (let waitedMs = 0; isAlive(pid); waitedMs += 20) {
    assert.ok(waitedMs < 5_000, `process ${pid} lingers`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

describe('the launcher', { concurrency: 4 }, () => {
  test('a process that is killed is started again, and the other goes on', async () => {
    const run = launch()
    await run.says(/sotto: ready at http:\/\/127\.0\.0\.1:8080, SIP at udp:127\.0\.0\.1:5060/)
    const [media] = await run.says(/media (\d+) started/)
    const [control] = await run.says(/control (\d+) started/)
    process.kill(Number(control), 'SIGKILL')
    const [, second] = await run.says(/control (\d+) started/, 2)
    assert.notEqual(second, control)
    assert.ok(isAlive(media))
    process.kill(Number(media), 'SIGKILL')
    await run.says(/media (\d+) started/, 2)
    assert.ok(isAlive(second))
    run.child.kill('SIGTERM')
    assert.deepEqual(await run.ended, [0, null])
  })

  test('control that is killed again and again, each time as soon as it is ready, is back at once every time', async () => {
    const run = launch()
    for (let death = 1; death <= 7; death++) {
      const pids = await run.says(/control (\d+) started/, death)
      await run.says(/sotto: ready/)
      // It says that it is ready right after it has started.
      await new Promise((done) => setTimeout(done, 50))
      const killedAt = performance.now()
      process.kill(Number(pids[death - 1]), 'SIGKILL')
      await run.says(/control (\d+) started/, death + 1)
      assert.ok(performance.now() - killedAt < 1_500, `death ${death}: ${Math.round(performance.now() - killedAt)} ms`)
    }
    run.child.kill('SIGTERM')
    assert.deepEqual(await run.ended, [0, null])
  })

  test('SIGTERM lets control drain while media lives, and ends media after it', async () => {
    const run = launch({ CHILD_DRAIN_MS: '400' })
    await run.says(/sotto: ready/)
    const [media] = await run.says(/media (\d+) started/)
    run.child.kill('SIGTERM')
    await run.says(/control \d+ drains/)
    assert.ok(isAlive(media))
    assert.doesNotMatch(run.output, /media \d+ drains/)
    assert.deepEqual(await run.ended, [0, null])
    assert.match(run.output, /control \d+ ends.*media \d+ drains.*media \d+ ends/s)
  })

  test('media that dies while calls drain is started again for them', async () => {
    const run = launch({ CHILD_DRAIN_MS: '1500' })
    await run.says(/sotto: ready/)
    const [media] = await run.says(/media (\d+) started/)
    run.child.kill('SIGTERM')
    await run.says(/control \d+ drains/)
    process.kill(Number(media), 'SIGKILL')
    await run.says(/media (\d+) started/, 2)
    assert.deepEqual(await run.ended, [0, null])
  })

  test('a second signal ends all at once', async () => {
    const run = launch({ CHILD_DRAIN_MS: '60000' })
    await run.says(/sotto: ready/)
    const [media] = await run.says(/media (\d+) started/)
    run.child.kill('SIGINT')
    await run.says(/control \d+ drains/)
    run.child.kill('SIGINT')
    assert.equal((await run.ended)[0], 1)
    await gone(media)
  })

  test('a busy port is one clear line and the end, not a loop', async () => {
    const run = launch({ CHILD_REFUSES: 'http.listen' })
    assert.equal((await run.ended)[0], 1)
    assert.match(run.output, /^sotto: http\.listen: 127\.0\.0\.1 port 8080 is in use by another program$/m)
    assert.equal([...run.output.matchAll(/control \d+ started/g)].length, 1)
  })

  test('when the launcher is killed, its processes do not stay behind', async () => {
    const run = launch()
    await run.says(/sotto: ready/)
    const [control] = await run.says(/control (\d+) started/)
    const [media] = await run.says(/media (\d+) started/)
    run.child.kill('SIGKILL')
    await gone(control)
    await gone(media)
  })

  test('the demonstration is started once control serves, and told where', async () => {
    const run = launch({}, 'demo')
    await run.says(/demo (\d+) started for http:\/\/127\.0\.0\.1:8080/)
    run.child.kill('SIGTERM')
    assert.deepEqual(await run.ended, [0, null])
  })

  test('the command line is answered without starting anything', async () => {
    const cases: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
      [['--help'], 0, /^Usage: npm start/],
      [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
      [['--colour'], 2, /^sotto: .*--colour.*\n\nUsage/],
      [['--config'], 2, /^sotto: .*--config/],
      [['--config', 'missing.json'], 2, /^The configuration .*missing\.json cannot be used:\n {2}cannot be read: [^\n]*\n$/],
    ]
    const runs = cases.map(([args]) => new Run([path('src/main.ts'), ...args]))
    for (const [i, [, code, says]] of cases.entries()) {
      const run = runs[i]
      assert.ok(run !== undefined)
      assert.equal((await run.ended)[0], code)
      assert.match(run.output, says)
    }
  })
})
