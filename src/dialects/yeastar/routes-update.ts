/** Changing an extension (contract openvox-yeastar, section 5): what Sotto knows is changed, everything else must be as it is. */
import type { ExtensionChanges } from '../../control/command.ts'
import type { Extension } from '../../directory/people.ts'
import { refuse } from '../../http/refused.ts'
import type { House } from '../dialect.ts'
import { order } from '../ordering.ts'
import type { Content } from './answer.ts'
import { monitorModeNamed, ringTimeoutOf, settingsOf } from './answer-extension.ts'
import { configurationChanged } from './events.ts'
import type { Fields, Request } from './request.ts'
import { extensionNamed } from './request-call.ts'
import { field, maybe, type Verb } from './routes-verb.ts'

export const updateVerbs = (house: House): readonly Verb[] => [
  {
    ...{ version: 'v1', path: 'extension/update', need: 'administer', summary: 'Change an extension until the server restarts' },
    body: {
      extid: field('The extension.'),
      username: maybe('Its name.'),
      monitormode: maybe('Disabled, Extensive, Listen, Whisper, Barge-in.'),
      allowbeingmonitored: maybe('on or off.'),
      ringtimeout: maybe('15, 30, 60, 120 or 300 seconds.'),
    },
    refusals: ['parameter-missing', 'endpoint-unknown'],
    carryOut: (request) => update(house, request),
  },
]

const failed = (name: string) => refuse('parameter-invalid', { name })

async function update(house: House, request: Request): Promise<Content> {
  const extension = extensionNamed(house, request, 'extid')
  const { account, number } = extension
  demandUnchanged(house, request, extension)
  await order(house, request.ask, { kind: 'amend-extension', extension: number, changes: changesIn(request.fields, extension) })
  configurationChanged(house, account, number)
  return {}
}

function changesIn(fields: Fields, extension: Extension): ExtensionChanges {
  const [mode, monitored, timeout] = [
    fields.optional('monitormode'),
    fields.optional('allowbeingmonitored'),
    fields.optional('ringtimeout'),
  ]
  const monitorMode = mode === undefined ? undefined : monitorModeNamed(mode)
  if (mode !== undefined && monitorMode === undefined) throw failed('monitormode')
  if (monitored !== undefined && !/^(?:on|off)$/i.test(monitored)) throw failed('allowbeingmonitored')
  const present = ringTimeoutOf(extension)
  if (timeout !== undefined && timeout !== present && !timeouts.includes(timeout)) throw failed('ringtimeout')
  return {
    ...(fields.has('username') && { name: fields.optional('username') ?? '' }),
    ...(monitorMode !== undefined && { monitorMode }),
    ...(monitored !== undefined && { mayBeMonitored: monitored.toLowerCase() === 'on' }),
    ...(timeout !== undefined && timeout !== present && { ringTimeoutMs: Number(timeout) * 1_000 }),
  }
}

/** Seconds. What an extension has may be written back, too. */
const timeouts: readonly string[] = ['15', '30', '60', '120', '300']

const kept: readonly string[] = ['monitormode', 'allowbeingmonitored', 'ringtimeout']

/** Nobody is told that a password or a forwarding was set when it was not. `mobile` is how it is spelt where it is changed. */
function demandUnchanged(house: House, { fields, flavour }: Request, extension: Extension): void {
  const { account, number } = extension
  const agent = house.directory.agentOfExtension(account, number)?.id ?? ''
  const present = { extnumber: number, ...settingsOf(extension, agent, flavour), mobile: '' }
  for (const [name, value] of Object.entries(present)) {
    if (!kept.includes(name) && fields.has(name) && (fields.optional(name) ?? '') !== value) throw failed(name)
  }
}
