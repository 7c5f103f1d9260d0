import type { Command } from './command.ts'
import { exits } from './exits.ts'
import { durationOf, tableOf } from './text.ts'
import type { AgentView } from './views.ts'

export const agents: Command = {
  name: 'agents',
  summary: 'The agents, and what each is doing',
  arguments: [],
  options: [{ name: 'group', value: 'ID', says: 'only those of a group' }],
  examples: ['sotto agents --group 1'],
  isRemote: true,
  async run(asked) {
    const group = asked.text('group')
    const all = await asked.api().list<AgentView>('/agents')
    const list = all.filter(({ groups }) => group === undefined || groups.includes(group))
    asked.out.answer(list, () => tableOf([head, ...list.map(row)], asked.out.screen).join('\n'))
    return exits.done
  },
}

const head = ['AGENT', 'NAME', 'EXT', 'STATE', 'FOR', 'CALL', 'HAND'] as const

function row({ id, name, extension, state, since, callId, hand }: AgentView): readonly string[] {
  const raised = hand === undefined ? '' : `raised${hand.note === undefined ? '' : `: ${hand.note}`}`
  return [id, name, extension, state, durationOf(Date.now() - Date.parse(since)), callId ?? '', raised]
}
