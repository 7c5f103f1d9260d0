import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestResult } from './reporter.ts'

export interface FileResult {
  readonly file: string
  readonly tests: readonly TestResult[]
  readonly durationMs: number
  /** The end of what the file printed. */
  readonly output: string
}

const reporter = fileURLToPath(new URL('reporter.ts', import.meta.url))
const outputCharacters = 20_000
const groups = new Set<number>()

/** Runs one test file in a process group of its own, and ends whatever it leaves behind. */
export async function runFile(file: string, timeoutMs: number): Promise<FileResult> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-test-'))
  const results = join(folder, 'results')
  const startedAt = performance.now()
  const { fault, output } = await runProcess([`--test-reporter=${reporter}`, `--test-reporter-destination=${results}`, file], timeoutMs)
  const tests = [...resultsIn(results)]
  rmSync(folder, { recursive: true, force: true })
  const failed = tests.some((test) => test.outcome === 'failed')
  const last = tests.at(-1)?.name
  if (fault !== undefined && !failed)
    tests.push({ name: file, outcome: 'failed', why: last === undefined ? fault : `${fault}; its last result was of «${last}»` })
  else if (tests.length === 0) tests.push({ name: file, outcome: 'failed', why: 'the file has no tests' })
  return { file, tests, durationMs: performance.now() - startedAt, output }
}

/** Ends everything that is running: for an interrupted run. */
export function endAll(): void {
  for (const group of groups) endGroup(group)
}

interface Ended {
  readonly fault?: string
  readonly output: string
}

function runProcess(args: readonly string[], timeoutMs: number): Promise<Ended> {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const group = child.pid ?? 0
    if (group > 0) groups.add(group)
    let output = ''
    let timedOut = false
    const collect = (text: string) => {
      output = (output + text).slice(-outputCharacters)
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', collect)
    const timer = setTimeout(() => {
      timedOut = true
      endGroup(group)
    }, timeoutMs)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      endGroup(group)
      groups.delete(group)
      const fault = timedOut
        ? `did not end within ${timeoutMs / 1000} s`
        : code === 0
          ? undefined
          : `ended with ${signal ?? `exit code ${code}`}`
      // What is left in the pipes is read first; a leftover that kept them open is gone by now.
      setTimeout(() => done({ output, ...(fault === undefined ? {} : { fault }) }), 5)
    })
  })
}

function endGroup(group: number): void {
  try {
    if (group > 0) process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody of the group is left, which is what was wanted.
  }
}

function* resultsIn(path: string): Generator<TestResult> {
  for (const line of readOrEmpty(path).split('\n')) if (line !== '') yield JSON.parse(line)
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
