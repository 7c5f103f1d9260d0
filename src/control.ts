/** The control process: reads the configuration and wires the rooms together. The only file that knows everybody. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { api } from './api/api.ts'
import { deskSamples, type Sample } from './api/metrics.ts'
import { Desk } from './control/desk.ts'
import { OpenDesk } from './control/front-desk.ts'
import { buildDirectory, type Directory } from './directory/directory.ts'
import { adjustLimits } from './edge/adjustable-limits.ts'
import { now } from './edge/clock.ts'
import { explain, loadSettings } from './edge/config.ts'
import { deskClock } from './edge/desk-clock.ts'
import { EmbeddedEngineHost } from './edge/embedded-engine.ts'
import { serveHttp } from './edge/http.ts'
import { refuseToStart, tellLauncher, whenLauncherGone } from './edge/launcher-link.ts'
import { isLogLevel, systemLog } from './edge/log.ts'
import { createMetrics } from './edge/metrics.ts'
import { numberPlan } from './edge/numbers.ts'
import { systemRandom } from './edge/random.ts'
import type { Settings } from './edge/settings.ts'
import { limits } from './kernel/limits.ts'
import type { Log } from './kernel/log.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const level = process.env.SOTTO_LOG ?? 'info'
const log = systemLog({ level: isLogLevel(level) ? level : 'info', process: 'control' })

parseArgs({ options: { demo: { type: 'boolean' } } })
const file = process.env.SOTTO_CONFIG ?? ''
const loaded = loadSettings(file, process.env)
if (loaded.ok) await run(loaded.value)
else {
  process.stderr.write(`${explain(file, loaded.error)}\n`)
  process.exitCode = 2
}

async function run(settings: Settings): Promise<void> {
  adjustLimits(settings.limits)
  const directory = buildDirectory(settings.accounts, numberPlan)
  const engine = openEngine(settings, directory)
  const desk = new OpenDesk({ desk: new Desk({ directory, random: systemRandom, at: now() }), engine, directory, clock: deskClock(), log })
  const listening = await orRefuse('sip.listen', engine.start())
  const http = listening && (await orRefuse('http.listen', openHttp(settings, { directory, desk, engine })))
  if (!http) return
  const sip = engine.listeners.map(({ transport, address, port }) => `${transport.toLowerCase()}:${address}:${port}`)
  log.info({ version, http: http.value.url, sip }, 'control is ready')
  tellLauncher({ kind: 'ready', http: http.value.url, sip })
  drainOnSignal(desk, async () => {
    await engine.stop()
    await http.value.close()
  })
}

function openEngine(settings: Settings, directory: Directory): EmbeddedEngineHost {
  const { sip, media } = settings
  return new EmbeddedEngineHost({
    sip: { listen: sip.listen, realm: sip.realm, product: `Sotto/${version}`, ...directory.sipAccounts() },
    ...(sip.tls === undefined ? {} : { tls: { cert: readFileSync(sip.tls.cert, 'utf8'), key: readFileSync(sip.tls.key, 'utf8') } }),
    mediaSocket: process.env.SOTTO_MEDIA_SOCKET ?? '',
    mediaAddress: media.advertise,
    log,
  })
}

interface House {
  readonly directory: Directory
  readonly desk: OpenDesk
  readonly engine: EmbeddedEngineHost
}

function openHttp(settings: Settings, { directory, desk, engine }: House) {
  const accounts = directory.accounts.map((account) => account.id)
  const metrics = createMetrics({ ofProcess: true, sources: [() => deskSamples(desk, accounts), () => engineSamples(engine)] })
  const surface = api({
    ...{ desk, random: systemRandom, log, version, metrics, keys: directory.nativeKeys, clock: now },
    extensionsOf: ({ account, user }) => (user === undefined ? [] : (directory.user(account, user)?.extensions ?? [])),
  })
  const { host, port } = settings.http.listen
  const { trustProxy } = settings.http
  return serveHttp({ host, port, surfaces: [surface], log, random: systemRandom, trustProxy, onExchange: (e) => metrics.exchange(e) })
}

function engineSamples(engine: EmbeddedEngineHost): readonly Sample[] {
  const { legs, bridges, contacts, connections } = engine.stats()
  return [
    gauge('sotto_legs', 'Legs of live calls.', {}, legs),
    gauge('sotto_bridges', 'Bridges in the media process.', {}, bridges),
    gauge('sotto_sip_contacts', 'Registered contacts of phones.', {}, contacts),
    gauge('sotto_sip_connections', 'Connections over TCP, TLS and WebSocket.', {}, connections),
  ]
}

const gauge = (name: string, help: string, labels: Sample['labels'], value: number): Sample => ({
  name,
  help,
  kind: 'gauge',
  labels,
  value,
})

async function orRefuse<T>(setting: string, starting: Promise<T>): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await starting }
  } catch (error) {
    refuseToStart(setting, error)
    return undefined
  }
}

/** The first signal: no new calls, end when the last one has ended or the limit is reached. The second: end now. */
function drainOnSignal(desk: OpenDesk, close: () => Promise<void>): void {
  let ending = false
  const end = async () => {
    if (ending) return
    ending = true
    await close()
    process.exit(0)
  }
  const drain = () => {
    if (desk.draining) return void end()
    desk.drain()
    const deadline = now() + limits.drainMs
    log.info({ calls: desk.liveCalls }, 'draining')
    setInterval(() => (desk.liveCalls === 0 || now() >= deadline ? void end() : undefined), 100)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, drain)
  whenLauncherGone(() => (desk.draining ? undefined : drain()))
}

process.on('uncaughtException', (error) => bug(log, error))
process.on('unhandledRejection', (error) => bug(log, error))

function bug(where: Log, error: unknown): void {
  where.error({ err: error }, 'bug: nothing caught this')
}
