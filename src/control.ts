/** The control process: reads the configuration and wires the rooms together. The only file that knows everybody. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { api } from './api/api.ts'
import { deskSamples, type Metrics, type Sample } from './api/metrics.ts'
import { linkedRecordingUrl } from './api/recording-audio.ts'
import type { SignInSettings } from './api/sign-in-words.ts'
import { startWebhooks } from './api/webhook-feed.ts'
import type { Archive } from './audit/ports.ts'
import { Desk } from './control/desk.ts'
import { OpenDesk } from './control/front-desk.ts'
import type { PastEvents } from './control/past-events.ts'
import type { PersonErasing } from './control/person-erasing.ts'
import type { RecordingShelf } from './control/recordings.ts'
import { Rights } from './control/rights.ts'
import { openDialects } from './dialects/dialects.ts'
import { buildDirectory, type Directory } from './directory/directory.ts'
import { adjustLimits } from './edge/adjustable-limits.ts'
import { AuditBook } from './edge/audit-book.ts'
import { AuditHeadsFile } from './edge/audit-heads-file.ts'
import { openAuditKey } from './edge/audit-key.ts'
import { now } from './edge/clock.ts'
import { explain, loadSettings } from './edge/config.ts'
import { deskClock } from './edge/desk-clock.ts'
import { EmbeddedEngineHost } from './edge/embedded-engine.ts'
import { systemHash } from './edge/hash.ts'
import { openHistoryStore } from './edge/history-store.ts'
import { serveHttp } from './edge/http.ts'
import { iceServers } from './edge/ice-servers.ts'
import { OidcProvider } from './edge/identity-provider.ts'
import { goAhead, refuseToStart, tellLauncher, whenLauncherGone } from './edge/launcher-link.ts'
import { isLogLevel, systemLog } from './edge/log.ts'
import { createMetrics } from './edge/metrics.ts'
import { numberPlan } from './edge/numbers.ts'
import { type OpenOutbox, openOutbox } from './edge/outbox.ts'
import { PasswordChecker } from './edge/passwords.ts'
import { PermittedTargets } from './edge/permitted-targets.ts'
import { PersonEraser } from './edge/person-eraser.ts'
import { poster } from './edge/poster.ts'
import { systemRandom } from './edge/random.ts'
import { openShelf } from './edge/recording-shelf.ts'
import type { Settings } from './edge/settings.ts'
import { openPassSecret, softphonePasses } from './edge/softphone-passes.ts'
import { WallboardFiles } from './edge/wallboard-files.ts'
import { wallboardPlace } from './edge/wallboard-place.ts'
import type { EngineMemory } from './engine/embedded/memory.ts'
import { limits } from './kernel/limits.ts'
import type { Log } from './kernel/log.ts'
import { NodeLog } from './ledger/node-log.ts'
import { storePlaceIn } from './store/place.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const level = process.env.SOTTO_LOG ?? 'info'
const log = systemLog({ level: isLogLevel(level) ? level : 'info', process: 'control' })

parseArgs({ options: { demo: { type: 'boolean' } } })
const file = process.env.SOTTO_CONFIG ?? ''
const loaded = loadSettings(file, process.env)
if (loaded.ok) await goAhead().then(() => run(loaded.value))
else {
  process.stderr.write(`${explain(file, loaded.error)}\n`)
  process.exitCode = 2
}

async function run(settings: Settings): Promise<void> {
  adjustLimits(settings.limits)
  const directory = buildDirectory(settings.accounts, numberPlan)
  const memory = new NodeLog<EngineMemory>({ folder: join(settings.data, 'log'), clock: now, log, isHeld: true })
  const restored = restoredDesk(directory, memory)
  memory.begin(restored)
  const engine = (await orRefuse('data', openEngine(settings, directory, memory)))?.value
  if (engine === undefined) return
  const history = openHistoryStore({ ...storePlaceIn(settings.data, process.env.SOTTO_DATABASE_URL), log, held: memory.held })
  const audit = await orRefuse('data', openAudit(settings, history.archive))
  if (audit === undefined) return
  restored.records.continueFrom(audit.value.ends)
  const parts = { engine, directory, clock: deskClock(), log, journal: memory.journal }
  const desk = new OpenDesk({ desk: restored, archive: audit.value, ...parts })
  const past = history.follow({ desk, accounts: directory.accounts.map(({ id }) => id), days: settings.history })
  const shelf = await orRefuse('data', openShelf(settings, { path: linkedRecordingUrl, log, desk }))
  if (shelf === undefined) return
  const outbox = outboxFor(settings, desk)
  const listening = await orRefuse('sip.listen', engine.start())
  const { ask, archive } = history
  const eraser = new PersonEraser({ desk, ask, archive, outlet: outbox.outlet, recordings: shelf.value.shelf.recordings })
  const rooms = { directory, desk, engine, memory, outbox, audit: audit.value, shelf: shelf.value.shelf, past, eraser }
  const http = listening && (await orRefuse('http.listen', openHttp(settings, rooms)))
  if (!http) return
  const sip = engine.listeners.map(({ transport, address, port }) => `${transport.toLowerCase()}:${address}:${port}`)
  log.info({ version, http: http.value.url, sip }, 'control is ready')
  tellLauncher({ kind: 'ready', http: http.value.url, sip })
  drainOnSignal(desk, async () => {
    await engine.stop()
    // Before anything that may take longer than whoever stops us waits.
    audit.value.close()
    await http.value.close()
    await outbox.close()
    await shelf.value.close()
    await memory.close()
    await history.close()
  })
}

/** A key that was damaged is not replaced: the server does not start. */
async function openAudit({ data }: Settings, archive: Archive): Promise<AuditBook> {
  const key = openAuditKey(join(data, 'audit-key.pem'))
  const headsFile = new AuditHeadsFile(join(data, 'audit-heads.jsonl'))
  return new AuditBook({ archive, key, headsFile, clock: now, log })
}

/** The desk as it was when the last process ended. */
function restoredDesk(directory: Directory, memory: NodeLog<EngineMemory>): Desk {
  const desk = new Desk({ directory, random: systemRandom, sha256: systemHash.sha256, at: now() })
  const startedAt = performance.now()
  const faults = desk.restore(memory.deskHistory(), memory.damage.length === 0)
  const ms = Math.round(performance.now() - startedAt)
  if (desk.table.liveCount > 0) log.info({ calls: desk.table.liveCount, ms }, 'calls are there again')
  if (faults.length > 0) log.error({ faults: faults.slice(0, 20), count: faults.length }, 'not all of the log could be worked again')
  return desk
}

/** A key of passes that was damaged is not replaced. */
async function openEngine(settings: Settings, directory: Directory, memory: NodeLog<EngineMemory>): Promise<EmbeddedEngineHost> {
  const { sip, media } = settings
  const passSecret = openPassSecret(passFile(settings))
  return new EmbeddedEngineHost({
    sip: { listen: sip.listen, realm: sip.realm, product: `Sotto/${version}`, passSecret, ...directory.sipAccounts() },
    ...(sip.tls === undefined ? {} : { tls: { cert: readFileSync(sip.tls.cert, 'utf8'), key: readFileSync(sip.tls.key, 'utf8') } }),
    mediaSocket: process.env.SOTTO_MEDIA_SOCKET ?? '',
    mediaAddress: media.advertise,
    memory: memory.engineMemory,
    log,
  })
}

function passFile({ data }: Settings): string {
  return join(data, 'softphone-passes.key')
}

interface House {
  readonly directory: Directory
  readonly desk: OpenDesk
  readonly engine: EmbeddedEngineHost
  readonly memory: NodeLog<EngineMemory>
  readonly outbox: OpenOutbox
  readonly audit: AuditBook
  readonly shelf: RecordingShelf
  readonly past: PastEvents
  readonly eraser: PersonErasing
}

/** Webhooks are told from the first moment on what happens, and first what happened since the last process could tell them. */
function outboxFor({ callOuts, data, accounts }: Settings, desk: OpenDesk): OpenOutbox {
  const targets = new PermittedTargets(callOuts.allow)
  const outbox = openOutbox({ folder: join(data, 'outbox'), targets, post: poster(targets, limits.callOutMs), random: systemRandom, log })
  startWebhooks({ desk, outlet: outbox.outlet, accounts: accounts.map(({ id }) => id), log })
  return outbox
}

function openHttp(settings: Settings, house: House) {
  const { directory, desk, engine, memory, outbox, shelf } = house
  const accounts = directory.accounts.map((account) => account.id)
  const metrics = createMetrics({ ofProcess: true, sources: [() => deskSamples(desk, accounts), () => engineSamples(engine)] })
  const dialects = dialectsFor(settings, { directory, desk, memory, outbox, shelf })
  const { host, port } = settings.http.listen
  return serveHttp({
    ...{ host, port, log, random: systemRandom },
    surfaces: [...dialects.surfaces, ownApi(settings, house, metrics)],
    signpost: dialects.signpost,
    trustProxy: settings.http.trustProxy,
    kept: () => memory.kept(),
    guest: engine.softphones,
    onExchange: (e) => metrics.exchange(e),
  })
}

function ownApi(settings: Settings, { directory, desk, memory, outbox, audit, shelf, past, eraser }: House, metrics: Metrics) {
  return api({
    ...{ desk, log, version, metrics, shelf, past, eraser },
    random: systemRandom,
    keys: directory.nativeKeys,
    rights: new Rights(directory),
    signIn: signInFor(settings, directory),
    clock: now,
    memory: memory.memories,
    outlet: outbox.outlet,
    history: audit,
    earlierOrder: (name) => desk.past.earlierOrder(name),
    wallboard: new WallboardFiles(wallboardPlace()),
    dispositionsOf: (account) => directory.account(account)?.dispositions ?? [],
    tellsAgents: (account) => directory.account(account)?.supervision.visibleToAgents === true,
    passFor: softphonePasses({
      ...{ secret: openPassSecret(passFile(settings)), realm: settings.sip.realm, random: systemRandom },
      codeOf: (account) => directory.account(account)?.code,
    }),
    iceServers: (caller) => iceServers(settings.webrtc, now(), caller.user ?? caller.account),
    extensionsOf: ({ account, user }) => (user === undefined ? [] : (directory.user(account, user)?.extensions ?? [])),
  })
}

function signInFor({ publicUrl, sessions, oidc, accounts }: Settings, directory: Directory): SignInSettings {
  const own = accounts.flatMap((account) => (account.oidc === undefined ? [] : [new OidcProvider(account.oidc, account.id)]))
  const providers = [...(oidc === undefined ? [] : [new OidcProvider(oidc)]), ...own]
  return { directory, publicUrl, sessions, passwords: new PasswordChecker(), providers }
}

function dialectsFor(settings: Settings, { directory, desk, memory, outbox, shelf }: Omit<House, 'engine' | 'audit' | 'past' | 'eraser'>) {
  const { publicUrl, sip, dialects } = settings
  const house = {
    desk,
    directory,
    clock: now,
    random: systemRandom,
    log,
    publicUrl,
    realm: sip.realm,
    version,
    settings: dialects,
    courier: outbox.courier,
    shelf,
    memory: memory.memories,
    earlierOrder: (name: string) => desk.past.earlierOrder(name),
  }
  const opened = openDialects(house)
  opened.start()
  return opened
}

function engineSamples(engine: EmbeddedEngineHost): readonly Sample[] {
  const { legs, lines, bridges, contacts, connections } = engine.stats()
  return [
    gauge('sotto_legs', 'Legs of live calls.', {}, legs),
    gauge('sotto_lines', 'Audio connections of browsers and programs.', {}, lines),
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
