import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { hears, story, thus } from '../../testkit/story.ts'
import { stages } from '../../testkit/story-stages.ts'
import { type HearingRow, hearingRows, letters } from './hearing-rows.ts'

for (const { situation, sentences, hears: expected } of hearingRows) story(situation, stages, ...sentences, thus(hears(expected)))

test('docs/hearing.md shows these rows and no others', () => {
  const page = readFileSync(new URL('../../docs/hearing.md', import.meta.url), 'utf8')
  const table = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| situation'))
  assert.deepEqual(table, hearingRows.map(line))
})

/** As it stands in the page: `SOTTO_PRINT=1 node --test test/stories/hearing.test.ts` prints the table anew. */
function line({ situation, hears: expected, note = '' }: HearingRow): string {
  const cells = letters.map(([, someone]) => {
    const talkers = expected[someone.name] ?? []
    return talkers.length === 0
      ? '–'
      : letters
          .filter(([, t]) => talkers.includes(t))
          .map(([letter]) => letter)
          .join(' ')
  })
  return `| ${[situation, ...cells, note].join(' | ')} |`
}

if (process.env.SOTTO_PRINT === '1') process.stdout.write(`${hearingRows.map(line).join('\n')}\n`)
