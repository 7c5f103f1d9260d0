/** Taking somebody out of everything that is kept. */
import Type from 'typebox'
import { digitsOf, type Erased } from '../call/erasure.ts'
import { jsonAnswer } from '../http/answer.ts'
import { refuse } from '../http/refused.ts'
import { base } from './answers.ts'
import { readable } from './history.ts'
import type { Office } from './office.ts'
import { type Ask, type Route, route } from './route.ts'
import { optional, text } from './schemas.ts'

const PersonQuery = Type.Object({
  number: optional(text(64, { description: 'His number in international form, `+442071838750`.' })),
  reference: optional(text(256, { description: 'Of a call of the last 24 hours: who is outside in it.' })),
  dryRun: optional(Type.Boolean({ description: 'Nothing is changed; the answer says what would be.' })),
})

export const ErasureSchema = Type.Object(
  {
    dryRun: Type.Boolean(),
    calls: Type.Integer({ description: 'That are kept and in which he took part.' }),
    callRecords: Type.Integer({ description: 'Without his number, his name, notes.' }),
    events: Type.Integer({ description: 'Without his number, his name, notes, keys that were pressed.' }),
    auditEntries: Type.Integer({ description: 'Which go on saying that he was heard, and not who he was.' }),
    deadLetters: Type.Integer({ description: 'Of webhooks, deleted.' }),
    recordings: Type.Integer({ description: 'Deleted.' }),
    held: Type.Array(Type.String(), { description: 'Recordings under legal hold: each is deleted when its hold ends.' }),
    live: Type.Array(Type.String(), { description: 'Calls that he is in now.' }),
  },
  { description: 'What was taken out, or with `dryRun` what would be.' },
)

export const peopleRoutes = (office: Office): readonly Route[] => [erasePerson(office)]

function erasePerson({ desk, eraser }: Office): Route {
  return route({
    id: 'erasePerson',
    tag: 'History',
    summary: 'Takes a person outside out of everything that is kept; the audit goes on saying that somebody was heard',
    method: 'DELETE',
    url: `${base}/people`,
    need: 'administer',
    query: PersonQuery,
    success: { status: 200, schema: 'Erasure' },
    refusals: ['wrong-state', 'resource-unknown'],
    async handle(ask) {
      if (eraser === undefined) throw refuse('capacity-exceeded', { why: 'This server keeps no history.' })
      const { dryRun = false } = ask.query
      const person = personIn(desk, ask)
      const report = await readable(eraser.erase(ask.caller, person, dryRun))
      if (report.live.length > 0 && !dryRun)
        throw refuse('wrong-state', { name: 'call', why: `He is in a call now (${report.live.join(', ')}). Come again when it is over.` })
      return jsonAnswer(200, JSON.stringify({ dryRun, ...report }), { 'Cache-Control': 'no-store' })
    },
  })
}

/** At least one of both; the numbers of either. */
function personIn(
  desk: Office['desk'],
  { caller, query: { number, reference } }: Ask<unknown, { number?: string; reference?: string }>,
): Erased {
  if (number === undefined && reference === undefined)
    throw refuse('parameter-missing', { name: 'number', why: 'Parameter "number" or "reference" is needed.' })
  const named = number === undefined ? [] : [digitsIn(number)]
  const referred = reference === undefined ? [] : numbersOf(desk, caller.account, reference)
  if (reference !== undefined && referred.length === 0)
    throw refuse('resource-unknown', { name: 'reference', why: 'No call of the last 24 hours has this reference and somebody outside.' })
  return { numbers: [...new Set([...named, ...referred])] }
}

function digitsIn(number: string): string {
  const digits = digitsOf(number)
  if (digits !== undefined) return digits
  throw refuse('parameter-invalid', { name: 'number', why: 'Parameter "number" must be a number of 6 to 15 digits in international form.' })
}

function numbersOf(desk: Office['desk'], account: Parameters<Office['desk']['calls']>[0], reference: string): readonly string[] {
  const calls = [...desk.calls(account), ...desk.endedCalls(account)].filter((call) => call.reference === reference)
  const outside = calls.flatMap(({ parties }) => parties.flatMap(({ endpoint }) => (endpoint.kind === 'number' ? [endpoint.number] : [])))
  return outside.flatMap((number) => digitsOf(number) ?? [])
}
