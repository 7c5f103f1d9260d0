import { test } from 'node:test'
import fc from 'fast-check'
import { play, runs, scripts, seed } from './script.ts'

test(`every law holds in ${runs} guided scripts (seed ${seed})`, () => {
  const property = fc.property(scripts, (script) => void play(script))
  fc.assert(property, { numRuns: runs, seed, reporter })
})

/** A failure tells its story: the moves by name, and the line that plays it again. */
function reporter(result: fc.RunDetails<[number[]]>): void {
  const [script] = result.counterexample ?? []
  if (!result.failed || script === undefined) return
  const lines: string[] = []
  try {
    play(script, { tell: (line) => lines.push(line) })
  } catch (error) {
    lines.push(String(error))
  }
  throw new Error(`SOTTO_SEED=${result.seed}, script ${JSON.stringify(script)}:\n  ${lines.join('\n  ')}`, { cause: result.errorInstance })
}
