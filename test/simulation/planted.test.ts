import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeskOutput } from '../../src/control/desk-words.ts'
import { World } from '../../testkit/world.ts'
import { callCentre } from '../../testkit/world-call-centre.ts'
import { changeHabits, doSomething } from './deeds.ts'
import { atRest, atTheEnd, whileWorking } from './invariants.ts'

/** What goes wrong between the desk and the world, and what the invariants have to say about it. */
const faults: readonly { readonly what: string; readonly seen: RegExp; readonly tamper: (output: DeskOutput) => readonly DeskOutput[] }[] =
  [
    { what: 'an answer is lost', seen: /was never answered/, tamper: (output) => (isAnswer(output) ? [] : [output]) },
    { what: 'an answer is given twice', seen: /was answered twice/, tamper: (output) => (isAnswer(output) ? [output, output] : [output]) },
    {
      what: 'a leg is not hung up',
      seen: /nobody knows the leg|has let everybody go|was let go|lives on/,
      tamper: (output) => (isOrder(output, 'hang-up') ? [] : [output]),
    },
    { what: 'a matrix never reaches the mixer', seen: /revision \d+ after|at rest the mixer/, tamper: sometimes('rewire') },
    {
      what: 'an event is lost',
      seen: /have gaps|was never|times|the wait/,
      tamper: (output) => (output.kind === 'event' && 'event' in output.event && output.event.event.type === 'call.held' ? [] : [output]),
    },
    {
      what: 'a leg is hung up twice',
      seen: /for a leg that is over/,
      tamper: (output) => (isOrder(output, 'hang-up') ? [output, output] : [output]),
    },
  ]

describe('faults between the desk and the world are found within 40 busy days', () => {
  for (const { what, seen, tamper } of faults) {
    test(what, () => {
      for (let seed = 1; seed <= 40; seed += 1) {
        const fault = dayWith(seed, tamper)
        if (fault === undefined) continue
        return assert.match(fault, seen)
      }
      assert.fail('nobody noticed')
    })
  }
})

const isAnswer = (output: DeskOutput): boolean => output.kind === 'answered'
const isOrder = (output: DeskOutput, kind: string): boolean => output.kind === 'order' && output.order.effect.kind === kind

function sometimes(kind: string) {
  let count = 0
  return (output: DeskOutput): readonly DeskOutput[] => (isOrder(output, kind) && ++count % 5 === 0 ? [] : [output])
}

function dayWith(seed: number, tamper: (output: DeskOutput) => readonly DeskOutput[]): string | undefined {
  const world = new World(seed, callCentre(), { afterEachInput: whileWorking, tamper })
  try {
    changeHabits(world)
    for (let deed = 0; deed < 60; deed += 1) {
      doSomething(world)
      world.run(world.delay(1_000))
    }
    world.calm()
    atRest(world)
    world.everybodyHangsUp()
    world.rest()
    atTheEnd(world)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
