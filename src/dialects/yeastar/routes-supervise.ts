/** Listen, whisper, barge (contract openvox-yeastar, section 4). */
import { isOpen, type Mode } from '../../call/supervision.ts'
import type { Done } from '../../control/command.ts'
import type { Extension } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import { dottedId } from '../call-ids.ts'
import type { House } from '../dialect.ts'
import { demand, order } from '../ordering.ts'
import type { Request } from './request.ts'
import { conversationOf, extensionCalled, type Part } from './request-call.ts'
import { field, type Verb } from './routes-verb.ts'

interface Words {
  readonly path: string
  readonly supervisor: string
  readonly target: string
  readonly mode: Mode
}

const verbs: readonly Words[] = [
  { path: 'extension/listen', supervisor: 'listener', target: 'listenedext', mode: 'monitor' },
  { path: 'extension/whisper', supervisor: 'whisperer', target: 'whisperedext', mode: 'whisper' },
  { path: 'extension/barge', supervisor: 'bargein', target: 'bargedext', mode: 'barge' },
]

const summaries: Readonly<Record<Mode, string>> = {
  monitor: 'Listen to a call, heard by nobody',
  whisper: 'Listen to a call and speak to the supervised extension alone',
  barge: 'Take part in a call, heard by all',
}

const refusals = [
  ...(['parameter-missing', 'endpoint-unknown', 'call-unknown', 'supervision-not-allowed', 'mode-not-allowed', 'endpoint-busy'] as const),
  ...(['endpoint-unavailable', 'supervisor-limit', 'wrong-state', 'timeout', 'capacity-exceeded', 'engine-failed'] as const),
]

export const supervisionVerbs = (house: House): readonly Verb[] => [
  ...verbs.map(
    (words): Verb => ({
      ...{ version: 'v1', path: words.path, tier: 'must', need: 'control', summary: summaries[words.mode], refusals },
      body: { [words.supervisor]: field('The monitor extension.'), [words.target]: field('The monitored extension.') },
      carryOut: async (request) => {
        await supervise(house, request, words)
        return {}
      },
    }),
  ),
  {
    ...{ version: 'v2', path: 'call/listen', need: 'control', summary: 'Listen, whisper or barge, as `type` says', refusals },
    body: {
      ...{ monitor: field('The monitor extension.'), extension: field('The monitored extension.') },
      type: field('listen, whisper or barge.'),
    },
    carryOut: async (request) => {
      const { call } = await supervise(house, request, { supervisor: 'monitor', target: 'extension', mode: () => modeNamed(request) })
      return call === undefined ? {} : { callid: dottedId(call) }
    },
  },
]

const modes: Readonly<Record<string, Mode>> = { listen: 'monitor', whisper: 'whisper', barge: 'barge' }

function modeNamed({ fields }: Request): Mode {
  const name = fields.required('type').toLowerCase()
  const mode = Object.hasOwn(modes, name) ? modes[name] : undefined
  if (mode === undefined) throw refuse('parameter-invalid', { name: 'type' })
  return mode
}

interface Asked {
  readonly supervisor: string
  readonly target: string
  readonly mode: Mode | (() => Mode)
}

/** Reads, checks and orders in one turn: what was true when it was checked is true when it is ordered. */
function supervise(house: House, request: Request, asked: Asked): Promise<Done> {
  const { ask, fields } = request
  const numbers = [fields.required(asked.supervisor), fields.required(asked.target)] as const
  const mode = typeof asked.mode === 'string' ? asked.mode : asked.mode()
  const supervisor = extensionCalled(house, request, numbers[0])
  const target = extensionCalled(house, request, numbers[1])
  const part = conversationOf(house, target)
  demandTarget(house, target, part)
  demand(house.directory.mayUseMode(supervisor, mode))
  demandIdle(house, supervisor)
  return order(house, ask, {
    ...{ kind: 'supervise', call: part.call.id, supervisor: { extension: supervisor.number }, mode, target: part.party.id },
    // The vendor's words name an extension: the supervision is over when it leaves.
    ...{ follow: 'target', autoAnswer: true },
  })
}

/** As it is configured now, and as it was when the call began. */
function demandTarget(house: House, target: Extension, { call, party }: Part): void {
  const mayBe = party.endpoint.kind === 'extension' && party.endpoint.mayBeMonitored
  if (!mayBe || !target.mayBeMonitored) throw refuse('supervision-not-allowed')
  const { maxMonitors } = house.settings.yeastar
  const monitors = call.supervisions.filter((s) => isOpen(s) && s.target === party.id).length
  if (maxMonitors > 0 && monitors >= maxMonitors) throw refuse('supervisor-limit')
}

function demandIdle(house: House, { account, number }: Extension): void {
  const view = house.desk.extension(account, number)
  if (view === undefined || !view.registered) throw refuse('endpoint-unavailable')
  if (view.calls.length > 0) throw refuse('endpoint-busy')
}
