/** What the shape of a configuration cannot say: that every name in it leads somewhere, and that nothing is there twice. */
import { isIP } from 'node:net'
import { dialectNames } from '../directory/settings.ts'
import { parseAdvertised, parseHostPort, parsePortRange, parseSocketAddress } from './addresses.ts'
import { accountProblems } from './config-account-check.ts'
import { oidcProblems } from './config-people-check.ts'
import type { Configuration } from './config-schema.ts'
import { isNetwork } from './permitted-targets.ts'
import type { Problem } from './settings.ts'
import { twice } from './twice.ts'

export function crossCheck(configuration: Configuration): readonly Problem[] {
  return [
    ...httpProblems(configuration),
    ...dialectProblems(configuration),
    ...callOutProblems(configuration),
    ...sipProblems(configuration),
    ...mediaProblems(configuration),
    ...recordingProblems(configuration),
    ...webrtcProblems(configuration),
    ...oidcProblems(configuration.oidc, 'oidc'),
    ...configuration.accounts.flatMap((account, i) => accountProblems(account, `accounts[${i}]`)),
    ...acrossAccounts(configuration),
  ]
}

function httpProblems({ http }: Configuration): readonly Problem[] {
  const problems: Problem[] = []
  if (parseHostPort(http.listen) === undefined)
    problems.push({ key: 'http.listen', why: `must be host:port, not ${JSON.stringify(http.listen)}` })
  if (http.publicUrl !== undefined && !URL.canParse(http.publicUrl))
    problems.push({ key: 'http.publicUrl', why: `must be an address, not ${JSON.stringify(http.publicUrl)}` })
  return [...problems, ...networkProblems(http.trustProxy, 'http.trustProxy')]
}

function networkProblems(networks: readonly string[], key: string): readonly Problem[] {
  const why = 'must be an IP address or a network such as 10.0.0.0/8'
  return networks.flatMap((text, i) => (isNetwork(text) ? [] : [{ key: `${key}[${i}]`, why }]))
}

/** Paths of Sotto's own API and pages, which a dialect must not hide. */
const ownPaths = new Set(['sotto', 'health', 'ready', 'metrics', 'openapi.json'])

/** A host name or a prefix leads to one dialect. */
function dialectProblems({ dialects }: Configuration): readonly Problem[] {
  const all = dialectNames.map((name) => ({ key: `dialects.${name}`, ...dialects[name] }))
  const prefixes = all.flatMap(({ key, prefix }) => (prefix === undefined ? [] : [{ key: `${key}.prefix`, value: prefix, shown: prefix }]))
  const hosts = all.flatMap(({ key, hosts }) => hosts.map((h, i) => ({ key: `${key}.hosts[${i}]`, value: h.toLowerCase(), shown: h })))
  const hiding = prefixes.filter(({ value }) => ownPaths.has(value.split('/')[1] ?? ''))
  return [...twice(prefixes), ...twice(hosts), ...hiding.map(({ key, value }) => ({ key, why: `${value} is a path of Sotto’s own API` }))]
}

const callOutProblems = ({ callOuts }: Configuration): readonly Problem[] => networkProblems(callOuts.allow ?? [], 'callOuts.allow')

const listener = /^(udp|tcp|tls|ws|wss):(.+)$/

function sipProblems({ sip }: Configuration): readonly Problem[] {
  const problems: Problem[] = []
  for (const [i, text] of sip.listen.entries()) {
    const match = listener.exec(text)
    const why = 'must be udp:, tcp:, tls:, ws: or wss: with address:port, such as udp:192.0.2.1:5060 or tcp:[::1]:5060'
    if (match === null || parseSocketAddress(match[2] ?? '') === undefined)
      problems.push({ key: `sip.listen[${i}]`, why: `${why}, not ${JSON.stringify(text)}` })
    else if ((match[1] === 'tls' || match[1] === 'wss') && sip.tls === undefined)
      problems.push({ key: 'sip.tls', why: `is required by ${text}` })
  }
  if (sip.advertise !== undefined && parseAdvertised(sip.advertise) === undefined)
    problems.push({ key: 'sip.advertise', why: 'must be a host or host:port' })
  return [...problems, ...twice(sip.listen.map((text, i) => ({ key: `sip.listen[${i}]`, value: text, shown: text })))]
}

/** RTP and RTCP take two ports of each leg, and ports below 1024 are not ours to take. */
function mediaProblems({ media, sip, http }: Configuration): readonly Problem[] {
  const problems: Problem[] = [...mediaAddressProblems(media)]
  const range = parsePortRange(media.ports)
  const key = 'media.ports'
  if (range === undefined) return [...problems, { key, why: `must be first-last, such as 20000-29999, not ${JSON.stringify(media.ports)}` }]
  if (range.first < 1_024) problems.push({ key, why: 'must begin at 1024 or above' })
  if (range.last - range.first < 15) problems.push({ key, why: 'must be at least 16 ports: a supervised call needs six' })
  for (const text of [...sip.listen, http.listen]) {
    const port = Number(/:([0-9]+)$/.exec(text)?.[1])
    if (port >= range.first && port <= range.last) problems.push({ key, why: `must not contain the port of ${text}` })
    if (port === media.webrtcPort) problems.push({ key: 'media.webrtcPort', why: `is the port of ${text}` })
  }
  return problems
}

/** A browser refuses a TURN server without a user name, and the whole list with it. */
function webrtcProblems({ webrtc: { iceServers, turnSecret } }: Configuration): readonly Problem[] {
  return iceServers.flatMap(({ urls, username, credential }, i) => {
    const key = `webrtc.iceServers[${i}]`
    if ((username === undefined) !== (credential === undefined)) return [{ key, why: 'must have both username and credential, or neither' }]
    const isTurn = urls.some((url) => url.startsWith('turn'))
    const why = 'must have username and credential, or webrtc.turnSecret must be there'
    return isTurn && username === undefined && turnSecret === undefined ? [{ key, why }] : []
  })
}

function mediaAddressProblems({ address, address6, advertise, advertise6 }: Configuration['media']): readonly Problem[] {
  const problems: Problem[] = []
  const refuse = (key: string, why: string) => problems.push({ key: `media.${key}`, why })
  if (isIP(address) === 0) refuse('address', 'must be an IP address')
  if (address6 !== undefined && isIP(address6) !== 6) refuse('address6', 'must be an IPv6 address')
  if (address6 !== undefined && isIP(address) === 6) refuse('address6', 'media.address is an IPv6 address already')
  if (advertise !== undefined && isIP(advertise) !== isIP(address))
    refuse('advertise', 'must be an IP address of the family of media.address')
  if (advertise6 !== undefined && (isIP(advertise6) !== 6 || address6 === undefined))
    refuse('advertise6', 'must be an IPv6 address that stands for media.address6')
  return problems
}

const recordingProblems = ({ recordings: { s3, keepLocalDays } }: Configuration): readonly Problem[] =>
  keepLocalDays === undefined || s3 !== undefined
    ? []
    : [{ key: 'recordings.keepLocalDays', why: 'needs recordings.s3: what is nowhere else is not deleted here' }]

function acrossAccounts({ accounts }: Configuration): readonly Problem[] {
  const each = <T>(pick: (account: Configuration['accounts'][number], key: string) => readonly T[]): readonly T[] =>
    accounts.flatMap((account, i) => pick(account, `accounts[${i}]`))
  return [
    ...twice(each((a, key) => [{ key: `${key}.id`, value: a.id, shown: a.id }])),
    ...twice(each((a, key) => [{ key: `${key}.key`, value: a.key }])),
    ...twice(each((a, key) => [{ key: `${key}.code`, value: a.code, shown: a.code }])),
    ...twice(each((a, key) => (a.owner === undefined ? [] : [{ key: `${key}.owner`, value: a.owner, shown: a.owner }]))),
    ...twice(each(publicNumbers)),
    ...twice(each(nativeKeys)),
    ...twice(
      each((a, key) => a.credentials.voipnow.map((c, i) => ({ key: `${key}.credentials.voipnow[${i}].clientId`, value: c.clientId }))),
    ),
    ...twice(
      each((a, key) => a.credentials.yeastar.map((c, i) => ({ key: `${key}.credentials.yeastar[${i}].username`, value: c.username }))),
    ),
    ...twice(each(ringcxTokens)),
    ...twice(
      each((a, key) => a.credentials.ringcx.map((c, i) => ({ key: `${key}.credentials.ringcx[${i}].username`, value: c.username }))),
    ),
    ...twice(
      each((a, key) =>
        a.credentials.newvoicemedia.map((c, i) => ({ key: `${key}.credentials.newvoicemedia[${i}].clientId`, value: c.clientId })),
      ),
    ),
    ...twice(each((a, key) => a.credentials.smartflo.map((c, i) => ({ key: `${key}.credentials.smartflo[${i}].email`, value: c.email })))),
    ...twice(
      each((a, key) => a.credentials.smartflo.map((c, i) => ({ key: `${key}.credentials.smartflo[${i}].apiToken`, value: c.apiToken }))),
    ),
  ]
}

type AccountConfiguration = Configuration['accounts'][number]

const publicNumbers = (account: AccountConfiguration, key: string) => [
  ...account.numbers.map(({ number }, i) => ({ key: `${key}.numbers[${i}].number`, value: number, shown: number })),
  ...account.extensions.flatMap(({ directNumber: number }, i) =>
    number === undefined ? [] : [{ key: `${key}.extensions[${i}].directNumber`, value: number, shown: number }],
  ),
]

const nativeKeys = (account: AccountConfiguration, key: string) =>
  account.credentials.native.map((c, i) => ({ key: `${key}.credentials.native[${i}].key`, value: c.key }))

/** An assertion signs in as a token does, so that the two must differ as well. */
const ringcxTokens = (account: AccountConfiguration, key: string) =>
  account.credentials.ringcx.flatMap((c, i) => [
    { key: `${key}.credentials.ringcx[${i}].apiToken`, value: c.apiToken },
    ...(c.assertion === undefined ? [] : [{ key: `${key}.credentials.ringcx[${i}].assertion`, value: c.assertion }]),
  ])
