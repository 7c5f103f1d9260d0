/**
 * The golden examples of the wire contracts over real HTTP, against a real server with real phones: each example is one test, played in the
 * world that its contract describes. Ids and times of calls are adapted to the real ones, and nothing else.
 */
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { parseGolden } from './golden-grammar.ts'
import { newvoicemedia } from './golden-newvoicemedia.ts'
import { Player } from './golden-player.ts'
import { ringcx } from './golden-ringcx.ts'
import { smartflo } from './golden-smartflo.ts'
import { voipnow } from './golden-voipnow.ts'
import { varied } from './golden-world.ts'
import { yeastar } from './golden-yeastar.ts'
import { Stage } from './stage.ts'

let stage: Stage

before(async () => {
  stage = await Stage.open()
})
after(() => stage?.close())

for (const world of [voipnow, yeastar, ringcx, newvoicemedia, smartflo]) {
  const examples = parseGolden(readFileSync(new URL(`../../fixtures/golden/${world.name}.golden`, import.meta.url), 'utf8'))
  describe(world.name, () => {
    const player = new Player(() => stage, world, examples)
    before(() => player.enter())
    for (const example of examples) test(`${example.id} ${example.title}`, () => player.play(example))
    for (const variant of world.variants) {
      const example = varied(player.example(variant.of), variant)
      test(`${variant.of}: ${variant.what}`, () => player.play(example, { alone: true }))
    }
  })
}
