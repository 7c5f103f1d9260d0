/** What a test file tells its runner: one JSON line for every test that ended. A reporter of node:test, used by file.ts. */

import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export interface TestResult {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** The error of a failed test, the reason of a skipped one. */
  readonly why?: string
}

/** Longer errors are mostly dumps of compared values. */
const errorCharacters = 4_000

export default async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = []
  for await (const event of source) {
    if (event.type === 'test:start') path.splice(event.data.nesting, path.length, event.data.name)
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const result = resultOf(event, [...path.slice(0, event.data.nesting), event.data.name].join(' › '))
    if (result !== undefined) yield `${JSON.stringify(result)}\n`
  }
}

function resultOf(event: Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>, name: string): TestResult | undefined {
  const { skip, todo, details } = event.data
  for (const omitted of [skip, todo]) {
    if (omitted !== undefined && omitted !== false)
      return { name, outcome: 'skipped', why: typeof omitted === 'string' && omitted !== '' ? omitted : 'no reason given' }
  }
  if (event.type === 'test:fail') {
    const error: Error & { failureType?: string } = event.data.details.error
    // Its subtests have been told already.
    return error.failureType === 'subtestsFailed' ? undefined : { name, outcome: 'failed', why: told(error.cause ?? error) }
  }
  return details.type === 'suite' ? undefined : { name, outcome: 'passed' }
}

/** Without the frames of Node's own test runner, which tell nothing. */
function told(error: unknown): string {
  const text = typeof error === 'string' ? error : inspect(error, { depth: 4 })
  return text.replace(/^\s+at .*node:internal.*\n?/gm, '').slice(0, errorCharacters)
}
