/** Commands that are one request. */
import { textOrRefuse } from './calls.ts'
import type { Command } from './command.ts'
import { exits, wrongUse } from './exits.ts'
import type { CallView, SupervisionView } from './views.ts'

export const end: Command = {
  name: 'end',
  summary: 'Ends a call for everybody',
  arguments: ['CALL'],
  options: [],
  examples: ['sotto end 01JD'],
  isRemote: true,
  async run(asked) {
    const api = asked.api()
    const { id } = await api.call(asked.arg(0))
    const call = await api.delete<CallView>(`/calls/${id}`)
    asked.out.answer(call, () => `${id} is ${call.state === 'ended' ? 'over' : 'ending'}.`)
    return exits.done
  },
}

const recordingStates = ['on', 'off', 'paused'] as const

export const record: Command = {
  name: 'record',
  summary: 'Says whether a call is recorded',
  arguments: ['CALL', recordingStates.join('|')],
  options: [],
  examples: ['sotto record 01JD paused'],
  isRemote: true,
  async run(asked) {
    const state = recordingStates.find((one) => one === asked.arg(1))
    if (state === undefined) throw wrongUse(`a recording is ${recordingStates.join(', ')}`)
    const api = asked.api()
    const { id } = await api.call(asked.arg(0))
    const call = await api.put<CallView>(`/calls/${id}/recording`, { state })
    asked.out.answer(call, () => `${id}: recording is ${call.recording.state}.`)
    return exits.done
  },
}

const transferTypes = ['blind', 'attended', 'hand-over'] as const

export const transfer: Command = {
  name: 'transfer',
  summary: 'Gives the agent’s place in a call to somebody else',
  arguments: ['CALL'],
  options: [
    { name: 'to', value: 'WHOM', says: 'an extension, a +number, or group:ID' },
    { name: 'type', value: 'TYPE', says: `${transferTypes.join(', ')}; default blind` },
  ],
  examples: ['sotto transfer 01JD --to 202', 'sotto transfer 01JD --to group:2'],
  isRemote: true,
  async run(asked) {
    const to = textOrRefuse(asked.text('to'), '--to')
    const type = asked.choice('type', transferTypes) ?? 'blind'
    const api = asked.api()
    const { id } = await api.call(asked.arg(0))
    const call = await api.post<CallView>(`/calls/${id}/transfer`, { to: whom(to), type })
    asked.out.answer(call, () => `${id}: ${to} is being called.`)
    return exits.done
  },
}

function whom(text: string): object {
  if (text.startsWith('group:')) return { group: text.slice('group:'.length) }
  return text.startsWith('+') ? { number: text } : { extension: text }
}

export const modes = ['monitor', 'whisper', 'barge'] as const

export const supervise: Command = {
  name: 'supervise',
  summary: 'Rings a phone and has it listen, whisper or take part',
  arguments: ['CALL'],
  options: [
    { name: 'by', value: 'WHOM', says: 'the supervisor: an extension, or a +number' },
    { name: 'mode', value: 'MODE', says: `${modes.join(', ')}; default monitor` },
    { name: 'to', value: 'WHOM', says: 'who is coached: agent, customer or the id of a party; default agent' },
  ],
  examples: ['sotto supervise 01JD --by 102 --mode whisper'],
  isRemote: true,
  async run(asked) {
    const by = textOrRefuse(asked.text('by'), '--by')
    const mode = asked.choice('mode', modes) ?? 'monitor'
    const target = asked.text('to')
    const api = asked.api()
    const { id } = await api.call(asked.arg(0))
    const wanted = { supervisor: whom(by), mode, ...(target === undefined ? {} : { target }) }
    const supervision = await api.post<SupervisionView>(`/calls/${id}/supervisions`, wanted)
    asked.out.answer(supervision, () => `${by} is ${supervision.state}: ${supervision.mode} in ${id}.`)
    return exits.done
  },
}
