import { isIP } from 'node:net'
import { agentKey } from '../directory/account-index.ts'
import { parseHostPort, parseSocketAddress } from './addresses.ts'
import { signInProblems } from './config-people-check.ts'
import type { Configuration } from './config-schema.ts'
import { isCountry } from './numbers.ts'
import type { Problem } from './settings.ts'
import { twice } from './twice.ts'

type Account = Configuration['accounts'][number]

/** One account by itself. `at` is its key. */
export function accountProblems(account: Account, at: string): readonly Problem[] {
  const names = { extensions: new Set(account.extensions.map((e) => e.number)), agents: new Set(account.agents.map((a) => agentKey(a.id))) }
  return [
    ...generalProblems(account, at),
    ...duplicates(account, at),
    ...signInProblems(account, at),
    ...peopleProblems(account, { at, ...names }),
    ...groupAndNumberProblems(account, { at, ...names }),
    ...credentialProblems(account, { at, agents: names.agents }),
    ...account.trunks.flatMap((trunk, i) => trunkProblems(trunk, `${at}.trunks[${i}]`)),
  ]
}

/** First segments of Smartflo's paths, which NewVoiceMedia's `/v1/<account key>/calls` would hide (contract W2). */
const reservedKeys = new Set(
  'agent auth broadcast call click_to_call click_to_call_support departments dialer live_calls my_number oauth2 user users'.split(' '),
)

function generalProblems(account: Account, at: string): readonly Problem[] {
  const problems: Problem[] = []
  if (reservedKeys.has(account.key)) problems.push({ key: `${at}.key`, why: `${account.key} is a word of the APIs’ own paths` })
  if (!isCountry(account.country)) problems.push({ key: `${at}.country`, why: `${account.country} is no known country` })
  if (!isTimezone(account.timezone)) problems.push({ key: `${at}.timezone`, why: `${account.timezone} is no known time zone` })
  return problems
}

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** An extension, a group's intercom and a conference are dialled in the same way, so that they share one numbering. */
function duplicates(account: Account, at: string): readonly Problem[] {
  const dialled = [
    ...account.extensions.map((e, i) => ({ key: `${at}.extensions[${i}].number`, value: e.number, shown: e.number })),
    ...account.groups.map((g, i) => ({ key: `${at}.groups[${i}].extension`, value: g.extension, shown: g.extension })),
    ...account.conferences.map((c, i) => ({ key: `${at}.conferences[${i}].number`, value: c.number, shown: c.number })),
  ]
  return [
    ...twice(dialled),
    ...twice(account.users.map((u, i) => ({ key: `${at}.users[${i}].id`, value: u.id, shown: u.id }))),
    ...twice(account.agents.map((a, i) => ({ key: `${at}.agents[${i}].id`, value: agentKey(a.id), shown: a.id }))),
    ...twice(account.agents.map((a, i) => ({ key: `${at}.agents[${i}].username`, value: a.username.toLowerCase(), shown: a.username }))),
    ...twice(
      account.agents.map((a, i) => ({ key: `${at}.agents[${i}].extension`, value: a.extension, shown: `extension ${a.extension}` })),
    ),
    ...twice(account.groups.map((g, i) => ({ key: `${at}.groups[${i}].id`, value: g.id, shown: g.id }))),
    ...twice(account.dispositions.map((d, i) => ({ key: `${at}.dispositions[${i}]`, value: d, shown: d }))),
    ...twice(account.trunks.map((t, i) => ({ key: `${at}.trunks[${i}].id`, value: t.id, shown: t.id }))),
    ...twice(
      account.trunks.flatMap((t, i) =>
        t.destinations.map((d, j) => ({ key: `${at}.trunks[${i}].destinations[${j}]`, value: d, shown: d })),
      ),
    ),
  ]
}

interface Names {
  readonly at: string
  readonly extensions: ReadonlySet<string>
  readonly agents: ReadonlySet<string>
}

function peopleProblems(account: Account, { at, extensions }: Names): readonly Problem[] {
  const problems: Problem[] = []
  for (const [i, user] of account.users.entries()) {
    for (const [j, number] of user.extensions.entries()) {
      if (!extensions.has(number)) problems.push({ key: `${at}.users[${i}].extensions[${j}]`, why: `there is no extension ${number}` })
    }
  }
  for (const [i, agent] of account.agents.entries()) {
    if (!extensions.has(agent.extension))
      problems.push({ key: `${at}.agents[${i}].extension`, why: `there is no extension ${agent.extension}` })
  }
  return problems
}

function groupAndNumberProblems(account: Account, { at, extensions, agents }: Names): readonly Problem[] {
  const problems: Problem[] = []
  for (const [i, group] of account.groups.entries()) {
    for (const [j, agent] of group.agents.entries()) {
      if (!agents.has(agentKey(agent))) problems.push({ key: `${at}.groups[${i}].agents[${j}]`, why: `there is no agent ${agent}` })
    }
    problems.push(
      ...twice(group.agents.map((a, j) => ({ key: `${at}.groups[${i}].agents[${j}]`, value: agentKey(a), shown: `agent ${a}` }))),
    )
  }
  const groups = new Set(account.groups.map((g) => g.id))
  for (const [i, { routeTo }] of account.numbers.entries()) {
    const key = `${at}.numbers[${i}].routeTo`
    const { group, extension } = routeTo
    if ((group === undefined) === (extension === undefined)) problems.push({ key, why: 'must name either a group or an extension' })
    if (group !== undefined && !groups.has(group)) problems.push({ key: `${key}.group`, why: `there is no group ${group}` })
    if (extension !== undefined && !extensions.has(extension))
      problems.push({ key: `${key}.extension`, why: `there is no extension ${extension}` })
  }
  return problems
}

function credentialProblems({ credentials, users }: Account, { at, agents }: Omit<Names, 'extensions'>): readonly Problem[] {
  const problems: Problem[] = []
  const ids = new Set(users.map((u) => u.id))
  for (const api of ['native', 'voipnow'] as const) {
    for (const [i, { user }] of credentials[api].entries()) {
      if (user !== undefined && !ids.has(user))
        problems.push({ key: `${at}.credentials.${api}[${i}].user`, why: `there is no user ${user}` })
    }
  }
  for (const [i, { agent }] of credentials.smartflo.entries()) {
    if (agent !== undefined && !agents.has(agentKey(agent)))
      problems.push({ key: `${at}.credentials.smartflo[${i}].agent`, why: `there is no agent ${agent}` })
  }
  for (const [i, c] of credentials.ringcx.entries()) {
    if ((c.clientId === undefined) !== (c.clientSecret === undefined)) {
      problems.push({ key: `${at}.credentials.ringcx[${i}]`, why: 'clientId and clientSecret belong together' })
    }
  }
  return problems
}

function trunkProblems(trunk: Account['trunks'][number], at: string): readonly Problem[] {
  const problems: Problem[] = []
  const peer = trunk.peer.slice(trunk.peer.indexOf(':') + 1)
  if (parseHostPort(peer) === undefined && !/^[A-Za-z0-9.-]+$|^\[[0-9A-Fa-f:.]+\]$/.test(peer))
    problems.push({ key: `${at}.peer`, why: 'must name host:port' })
  for (const [i, source] of trunk.trusted.entries()) {
    if (!isSource(source)) problems.push({ key: `${at}.trusted[${i}]`, why: 'must be an IP address, or one with :port' })
  }
  if ((trunk.username === undefined) !== (trunk.password === undefined))
    problems.push({ key: at, why: 'username and password belong together' })
  return problems
}

function isSource(text: string): boolean {
  return isIP(text) !== 0 || parseSocketAddress(text) !== undefined
}
