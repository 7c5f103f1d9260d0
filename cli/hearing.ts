import type { Command } from './command.ts'
import { exits } from './exits.ts'
import { clean, nameIn, plainName, type Screen, tableOf, timeOf } from './text.ts'
import type { CallView, HearingView } from './views.ts'

export const hearing: Command = {
  name: 'hearing',
  summary: 'Who hears whom in a call, with how loud each is',
  arguments: ['CALL'],
  options: [],
  examples: ['sotto hearing 01JD', 'sotto hearing 01JD --json | jq .known'],
  more: 'A row is one who listens, a column one who talks. All is unknown until the mixer has confirmed the latest change.',
  isRemote: true,
  async run(asked) {
    const api = asked.api()
    const { id } = await api.call(asked.arg(0))
    const matrix = await api.get<HearingView>(`/calls/${id}/hearing`)
    // After the matrix: who is in it is in the call.
    const call = await api.get<CallView>(`/calls/${id}`)
    const { parties } = call
    const document = { ...matrix, known: isKnown(matrix), parties: parties.filter(({ state }) => state !== 'ended') }
    asked.out.answer(document, () => matrixText(call, matrix, asked.out.screen).join('\n'))
    return exits.done
  },
}

const isKnown = ({ revision, appliedRevision }: HearingView): boolean => appliedRevision >= revision

/** Lines of the drawing. */
export function matrixText(call: CallView, matrix: HearingView, screen: Screen): readonly string[] {
  if (call.state === 'ended') return [`${call.id} is over: nobody hears anybody.`]
  const known = isKnown(matrix)
  const live = call.parties.filter(({ state }) => state !== 'ended')
  const head = ['hears →', ...live.map((party) => `${plainName(party)} (${party.role})`)]
  const rows = live.map((listener) => [
    plainName(listener),
    ...live.map((talker) => (listener.id === talker.id ? '·' : cell(matrix, { listener: listener.id, talker: talker.id, known }))),
  ])
  const since = matrix.appliedAt === null ? '' : `, since ${timeOf(matrix.appliedAt)} UTC`
  const title = known
    ? `${call.id}: confirmed${since}`
    : `${call.id}: unknown; the mixer has confirmed revision ${matrix.appliedRevision}, and ${matrix.revision} is the latest`
  return [clean(title), ...tableOf([head, ...rows], screen), ...supervisors(call)]
}

function cell(
  { pairs }: HearingView,
  { listener, talker, known }: { readonly listener: string; readonly talker: string; readonly known: boolean },
): string {
  if (!known) return 'unknown'
  const pair = pairs.find((one) => one.listener === listener && one.talker === talker)
  if (pair === undefined) return '–'
  return pair.levelDbov === null ? 'hears' : `hears ${pair.levelDbov.toFixed(0)} dB`
}

const supervisors = (call: CallView): readonly string[] =>
  call.supervisions
    .filter(({ state }) => state === 'active')
    .map(({ mode, partyId, target }) => clean(`${nameIn(call, partyId)}: ${mode}${target === undefined ? '' : ` to ${target}`}`))
