import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { lawNames } from './laws.ts'
import type { Mutant } from './mutant-tools.ts'
import { mutants as others } from './mutants.ts'
import { fetchingMutants } from './mutants-fetching.ts'
import { play, runs, scripts, seed } from './script.ts'

const mutants = [...others, ...fetchingMutants]

describe(`planted faults are found within ${runs} scripts (seed ${seed})`, () => {
  for (const mutant of mutants) test(mutant.fault, () => assert.ok(isFound(mutant), `“${mutant.law}” does not see it`))
})

test('every law has a fault that it finds', () => {
  const targeted = new Set(mutants.map((mutant) => mutant.law))
  assert.deepEqual(
    lawNames.filter((name) => !targeted.has(name)),
    [],
  )
})

/** Only the law that is meant for it looks; what else a broken core may break does not count. */
function isFound({ law, core }: Mutant): boolean {
  const property = fc.property(scripts, (script) => !breaks(() => play(script, { core: core(), laws: [law] }), law))
  return fc.check(property, { numRuns: runs, seed, endOnFailure: true }).failed
}

function breaks(run: () => unknown, law: string): boolean {
  try {
    run()
    return false
  } catch (error) {
    return error instanceof Error && error.message.startsWith(`${law}: `)
  }
}
