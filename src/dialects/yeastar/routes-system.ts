/** The server itself, and what is not built yet (contract openvox-yeastar, section 3). */

import { refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import type { Instant } from '../../kernel/time.ts'
import type { House } from '../dialect.ts'
import { dateAndTime, offsetMinutes } from '../wall-time.ts'
import type { Content } from './answer.ts'
import { recordingVerbs } from './routes-recording.ts'
import type { Verb } from './routes-verb.ts'

export const systemVerbs = (house: House): readonly Verb[] => {
  const startedAt = house.clock()
  return [
    ...(['v1', 'v2'] as const).map(
      (version): Verb => ({
        ...{ version, path: 'deviceinfo/query', need: 'read', summary: 'What this server is' },
        carryOut: ({ ask }) => ({ deviceinfo: deviceInfo(house, ask.holder.account, { at: ask.at, startedAt }) }),
      }),
    ),
    ...recordingVerbs(house),
    ...later.map(
      ([path, summary]): Verb => ({
        ...{ version: 'v1', path, tier: 'later', need: 'read', summary, refusals: ['unsupported'] },
        carryOut: () => {
          throw refuse('unsupported')
        },
      }),
    ),
  ]
}

const later: readonly (readonly [path: string, summary: string])[] = [
  ['trunklist/query', 'Trunks'],
  ['apply', 'Put configuration into effect'],
  ['ivr/dial_extension', 'Call an extension from a voice menu'],
  ['ivr/dial_outbound', 'Call a number outside from a voice menu'],
  ['extension/playprompt', 'Play a prompt to an extension'],
  ['outbound/playprompt', 'Play a prompt to a number outside'],
  ['token/refresh', 'Renew a token of the hosted edition'],
]

function deviceInfo(house: House, account: AccountId, { at, startedAt }: { readonly at: Instant; readonly startedAt: Instant }): Content {
  const views = house.desk.extensions(account)
  const zone = house.directory.account(account)?.timezone ?? 'UTC'
  return {
    ...{ devicename: 'Sotto', sn: account, hardwarever: '', firmwarever: house.version },
    ...{ systemtime: `${dateAndTime(at, zone)} ${offset(offsetMinutes(at, zone))}`, uptime: clockOf((at - startedAt) / 1_000) },
    extensionstatus: `${views.filter((view) => view.registered).length}/${views.length}`,
  }
}

/** Such as `UTC-8`. */
function offset(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${two(rest)}`}`
}

const clockOf = (seconds: number): string =>
  [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60].map(two).join(':')

const two = (value: number): string => String(value).padStart(2, '0')
