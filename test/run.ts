/**
 * The test command: `npm test [-- PART…]` runs every test file, or those whose path contains one of the parts.
 * SOTTO_REQUIRE_ALL=1 makes a skipped test a failure, unless this user has no right to what it needs; SOTTO_TEST_TIMEOUT_S bounds each file (default: 120 beside the source, 600 elsewhere).
 */
import { globSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endAll, type FileResult, runFile } from './run/file.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
process.once('exit', endAll)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const requireAll = process.env.SOTTO_REQUIRE_ALL === '1'
const timeoutMs = (file: string): number => Number(process.env.SOTTO_TEST_TIMEOUT_S ?? (file.startsWith('src/') ? 120 : 600)) * 1000
/** These time audio: anything beside them on the machine would be heard. */
const alone = /^test\/(audio|browser|cli|crash|interop|soak)\//

const files = chosen(process.argv.slice(2))
const results: FileResult[] = []
const queue = files.filter((file) => !alone.test(file))
await Promise.all([worker(queue), worker(queue)])
await worker(files.filter((file) => alone.test(file)))
report()

function chosen(parts: readonly string[]): string[] {
  const all = globSync(['{src,web,test,testkit,cli,examples}/**/*.test.ts'], { exclude: (path) => path.includes('node_modules') }).sort()
  const wanted = parts.map((part) => relative(root, part) || part)
  return wanted.length === 0 ? all : all.filter((file) => wanted.some((part) => file.includes(part)))
}

async function worker(waiting: string[]): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const result = await runFile(file, timeoutMs(file))
    results.push(result)
    show(result)
  }
}

function show({ file, tests, durationMs, output }: FileResult): void {
  const failed = tests.filter(isFailure)
  process.stdout.write(`${failed.length === 0 ? '✔' : '✖'} ${file}  ${tests.length} in ${(durationMs / 1000).toFixed(1)} s\n`)
  for (const { name, why = '' } of failed) process.stdout.write(`    ✖ ${name}\n${indented(why)}\n`)
  if (failed.length > 0 && output.trim() !== '')
    process.stdout.write(`    it printed:\n${indented(output.trimEnd().split('\n').slice(-40).join('\n'))}\n`)
}

function isFailure(test: FileResult['tests'][number]): boolean {
  return test.outcome === 'failed' || (requireAll && test.outcome === 'skipped' && !lacksRight(test))
}

/** A full disk can only be had where one may be mounted; no program that could be installed changes that. */
const lacksRight = ({ why = '' }: FileResult['tests'][number]): boolean => why.includes('no right to')

function indented(text: string): string {
  return text.replace(/^/gm, '      ')
}

function report(): void {
  const tests = results.flatMap(({ file, tests }) => tests.map((test) => ({ ...test, file })))
  const failed = tests.filter(isFailure)
  const skipped = tests.filter((test) => test.outcome === 'skipped' && !isFailure(test))
  for (const { file, name, why } of skipped) process.stdout.write(`- skipped ${file}: ${name}: ${why}\n`)
  if (failed.length > 0) process.stdout.write('\nFailed:\n')
  for (const { file, name } of failed) process.stdout.write(`✖ ${file}: ${name}\n`)
  const passed = tests.length - failed.length - skipped.length
  if (passed === 0 || failed.length > 0) process.exitCode = 1
  process.stdout.write(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`)
}
