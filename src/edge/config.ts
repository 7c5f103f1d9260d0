import { accessSync, constants, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { Compile } from 'typebox/compile'
import { Settings as typebox } from 'typebox/system'
import { Default } from 'typebox/value'
import type { RecordingSettings } from '../directory/settings.ts'
import { accountId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import { announcementFault } from '../recordings/prompt.ts'
import { parseAdvertised, parseHostPort, parsePortRange, parseSocketAddress, reachableAddress } from './addresses.ts'
import { crossCheck } from './config-check.ts'
import { problemsOf } from './config-problems.ts'
import { type Configuration, configurationSchema } from './config-schema.ts'
import type { ByFamily, Problem, Settings, SipListener } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks a configuration file. All that is wrong is told at once. */
export function loadSettings(file: string, environment: Environment = {}): Outcome<Settings, readonly Problem[]> {
  const read = readJson(file)
  if (!read.ok) return read
  const parsed = parseSettings(read.value, environment)
  const unreadable = parsed.ok ? fileProblems(parsed.value) : []
  return unreadable.length > 0 ? fail(unreadable) : parsed
}

export function parseSettings(configured: unknown, environment: Environment = {}): Outcome<Settings, readonly Problem[]> {
  const raw = Default(configurationSchema, withOverrides(structuredClone(configured), environment))
  const problems = shapeProblems(raw)
  if (problems.length > 0) return fail(problems)
  const configuration = raw as Configuration
  const conflicts = crossCheck(configuration)
  return conflicts.length > 0 ? fail(conflicts) : ok(settingsFrom(configuration))
}

/** For the terminal: one line a problem, the key first. */
export function explain(file: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ key, why }) => (key === '' ? `  ${why}` : `  ${key}: ${why}`))
  return `The configuration ${file} cannot be used:\n${lines.join('\n')}`
}

function readJson(file: string): Outcome<unknown, readonly Problem[]> {
  try {
    return ok(JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')))
  } catch (error) {
    const why =
      error instanceof SyntaxError ? `is no JSON: ${error.message}` : `cannot be read: ${error instanceof Error ? error.message : error}`
    return fail([{ key: '', why }])
  }
}

/** Files that the configuration names must be there now, not when the first call needs them. */
function fileProblems({ sip, media, accounts }: Settings): readonly Problem[] {
  const named = [
    ['sip.tls.cert', sip.tls?.cert] as const,
    ['sip.tls.key', sip.tls?.key] as const,
    ['media.holdMusic', media.holdMusic] as const,
  ]
  return [...accounts.flatMap(announcementProblems), ...unreadable(named)]
}

function announcementProblems({ recording: { announcement } }: Settings['accounts'][number], i: number): readonly Problem[] {
  const why = announcement?.file === undefined ? undefined : announcementFault(announcement.file)
  return why === undefined
    ? []
    : [{ key: `accounts[${i}].recording.announcement.file`, why: `${announcement?.file} cannot be played: ${why}` }]
}

function unreadable(named: readonly (readonly [string, string | undefined])[]): readonly Problem[] {
  return named.flatMap(([key, path]) => (path === undefined || isReadable(path) ? [] : [{ key, why: `${path} cannot be read` }]))
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** The places that differ between machines can be set without touching the file. */
function withOverrides(configured: unknown, environment: Environment): unknown {
  if (typeof configured !== 'object' || configured === null) return configured
  const changed = configured as Record<string, unknown> & { data?: unknown }
  const put = (section: string, key: string, value: unknown) => {
    const existing = changed[section]
    if (existing === undefined || (typeof existing === 'object' && existing !== null)) changed[section] = { ...existing, [key]: value }
  }
  const { SOTTO_HTTP_LISTEN: http, SOTTO_SIP_LISTEN: sip, SOTTO_MEDIA_PORTS: ports, SOTTO_DATA: data } = environment
  if (http) put('http', 'listen', http)
  if (environment.SOTTO_PUBLIC_URL) put('http', 'publicUrl', environment.SOTTO_PUBLIC_URL)
  if (sip)
    put(
      'sip',
      'listen',
      sip.split(',').map((one) => one.trim()),
    )
  if (ports) put('media', 'ports', ports)
  if (data) changed.data = data
  const { SOTTO_S3_ACCESS_KEY_ID: accessKeyId, SOTTO_S3_SECRET_ACCESS_KEY: secretAccessKey } = environment
  const { s3 } = (changed.recordings ?? {}) as { readonly s3?: object }
  if (typeof s3 === 'object')
    put('recordings', 's3', { ...s3, ...(accessKeyId && { accessKeyId }), ...(secretAccessKey && { secretAccessKey }) })
  return changed
}

const compiled = Compile(configurationSchema)

/** Typebox stops collecting after eight errors, which is right for requests and wrong for a file that a person mends. */
function shapeProblems(raw: unknown): readonly Problem[] {
  const { maxErrors } = typebox.Get()
  typebox.Set({ maxErrors: 500 })
  try {
    return problemsOf(compiled.Errors(raw), raw)
  } finally {
    typebox.Set({ maxErrors })
  }
}

function settingsFrom(configuration: Configuration): Settings {
  const { node, http, sip, media, webrtc, data, accounts } = configuration
  return {
    node,
    http: { listen: known(parseHostPort(http.listen)), trustProxy: http.trustProxy },
    publicUrl: publicUrlOf(configuration),
    dialects: dialectsFrom(configuration.dialects),
    callOuts: { allow: configuration.callOuts.allow ?? (isLoopback(known(parseHostPort(http.listen)).host) ? loopback : []) },
    sessions: { idleMs: configuration.sessions.idleMinutes * 60_000, longestMs: configuration.sessions.maxHours * 3_600_000 },
    ...(configuration.oidc === undefined ? {} : { oidc: configuration.oidc }),
    sip: {
      listen: sip.listen.map((text) => listenerFrom(text, sip.advertise)),
      realm: sip.realm,
      ...(sip.tls === undefined ? {} : { tls: { cert: resolve(sip.tls.cert), key: resolve(sip.tls.key) } }),
    },
    media: mediaFrom(media),
    webrtc,
    data: resolve(data),
    recordings: configuration.recordings,
    history: configuration.history,
    limits: configuration.limits,
    accounts: accounts.map((account) => ({
      ...account,
      id: accountId(account.id),
      recording: recordingFrom(account.recording),
      extensions: account.extensions.map((e) => ({ ...e, name: e.name === '' ? e.number : e.name })),
      numbers: account.numbers.map(({ number, routeTo: { group, extension } }) => ({
        number,
        routeTo: group === undefined ? { extension: known(extension) } : { group },
      })),
    })),
  }
}

function recordingFrom({ announcement, ...recording }: Configuration['accounts'][number]['recording']): RecordingSettings {
  if (announcement === undefined) return recording
  const { file, to } = announcement
  return { ...recording, announcement: { ...(file === undefined ? {} : { file: resolve(file) }), to } }
}

/** A realm that is a domain is where clients reach us behind a proxy with TLS; a bare word is a laptop. */
function publicUrlOf({ http, sip }: Configuration): string {
  return http.publicUrl ?? (sip.realm.includes('.') ? `https://${sip.realm}` : `http://${http.listen}`)
}

const loopback = ['127.0.0.0/8', '::1/128']

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/** Host names compare in lower case. */
function dialectsFrom(dialects: Configuration['dialects']): Settings['dialects'] {
  const { voipnow, yeastar, ringcx, newvoicemedia, smartflo } = dialects
  const lower = <T extends { hosts: string[] }>(surface: T): T => ({ ...surface, hosts: surface.hosts.map((host) => host.toLowerCase()) })
  return {
    voipnow: lower(voipnow),
    yeastar: lower(yeastar),
    ringcx: lower(ringcx),
    newvoicemedia: lower(newvoicemedia),
    smartflo: lower(smartflo),
  }
}

function mediaFrom(media: Configuration['media']): Settings['media'] {
  const listening = [media.address, media.address6].filter((address) => address !== undefined)
  const told = [
    media.advertise ?? reachableAddress(media.address),
    media.advertise6 ?? (media.address6 && reachableAddress(media.address6)),
  ]
  return {
    addresses: byFamily(listening),
    ports: known(parsePortRange(media.ports)),
    advertise: byFamily(told.filter((address) => address !== undefined)),
    ...(media.holdMusic === undefined ? {} : { holdMusic: resolve(media.holdMusic) }),
    standby: media.standby,
    ...(media.webrtcPort === undefined ? {} : { webrtcPort: media.webrtcPort }),
  }
}

const byFamily = (addresses: readonly string[]): ByFamily => Object.fromEntries(addresses.map((address) => [isIP(address), address]))

function listenerFrom(text: string, advertised: string | undefined): SipListener {
  const colon = text.indexOf(':')
  const { host, port } = known(parseSocketAddress(text.slice(colon + 1)))
  const public_ = advertised === undefined ? undefined : known(parseAdvertised(advertised))
  const reachable = reachableAddress(host)
  const advertise = public_ ?? (reachable === host ? undefined : { host: reachable })
  const transport = text.slice(0, colon).toUpperCase() as SipListener['transport']
  return { transport, address: host, port, ...(advertise === undefined ? {} : { advertise }) }
}

/** What the cross-check has already found well-formed. */
function known<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the configuration was used before it was checked')
  return value
}
