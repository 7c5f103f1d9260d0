import type { Command } from './command.ts'
import { exits, wrongUse } from './exits.ts'
import { callHead, callRow, tableOf } from './text.ts'
import type { CallView } from './views.ts'

export const callStates = ['queued', 'ringing', 'active', 'held'] as const

export const calls: Command = {
  name: 'calls',
  summary: 'The live calls, the oldest first',
  arguments: [],
  options: [
    { name: 'group', value: 'ID', says: 'only those of a group' },
    { name: 'agent', value: 'ID', says: 'only those that an agent is in' },
    { name: 'extension', value: 'NUMBER', says: 'only those that an extension is in' },
    { name: 'state', value: 'STATE', says: callStates.join(', ') },
  ],
  examples: ['sotto calls --group 1 --state active', 'sotto calls --json | jq -r ".[].id"'],
  isRemote: true,
  async run(asked) {
    const { out } = asked
    const state = asked.choice('state', callStates)
    const list = await asked.api().list<CallView>('/calls', {
      ...{ group: asked.text('group'), agent: asked.text('agent'), extension: asked.text('extension'), state },
    })
    out.answer(list, () => (list.length === 0 ? 'No calls.' : callTable(list, out.columns).join('\n')))
    return exits.done
  },
}

export const callTable = (list: readonly CallView[], columns: number): readonly string[] =>
  tableOf([callHead, ...list.map((call) => callRow(call, Date.now()))], { columns })

export function textOrRefuse(text: string | undefined, what: string): string {
  if (text === undefined || text === '') throw wrongUse(`${what} is missing`)
  return text
}
