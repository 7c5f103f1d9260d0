import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explain, loadSettings } from '../edge/config.ts'
import { isLogLevel, systemLog } from '../edge/log.ts'
import type { Settings } from '../edge/settings.ts'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import { fail } from '../kernel/outcome.ts'
import { parseArguments, usage, type Wish } from './arguments.ts'
import { HandOver } from './hand-over.ts'
import type { Program } from './kept-alive.ts'
import { Launcher, type LaunchPlan } from './launcher.ts'
import { Predecessor } from './predecessor.ts'
import { Tenancy, tenantOf } from './tenancy.ts'
import { buildWallboard } from './wallboard.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Does what the command line asks for. */
export function start(args: readonly string[]): void {
  const wish = parseArguments(args, process.env.SOTTO_CONFIG)
  if (!wish.ok) refuse(`sotto: ${wish.error}\n\n${usage}`, 2)
  else if (wish.value.kind === 'help') process.stdout.write(usage)
  else if (wish.value.kind === 'version') process.stdout.write(`${version()}\n`)
  else void run(wish.value)
}

const version = (): string => JSON.parse(readFileSync(here('package.json'), 'utf8')).version

function refuse(why: string, exitCode: number): void {
  process.stderr.write(`${why}\n`)
  process.exitCode = exitCode
}

async function run({ config, takeOver = false }: Extract<Wish, { kind: 'run' }>): Promise<void> {
  const file = config === undefined ? here('fixtures/demo.json') : resolve(config)
  const settings = loadSettings(file, process.env)
  if (!settings.ok) return refuse(explain(file, settings.error), 2)
  const tenant = await tenantOf(settings.value.data)
  const old = tenant && (takeOver ? await Predecessor.ask(tenant, version()) : fail('start with --take-over to take its calls over'))
  if (tenant !== undefined && old?.ok === false)
    return refuse(`sotto: data: Sotto ${tenant.version} (process ${tenant.pid}) works on ${settings.value.data} already: ${old.error}`, 1)
  await keepHouse(settings.value, { file, demo: config === undefined }, old?.ok ? old.value : undefined)
}

/** The folder for sockets outlives a launcher that hands over: its media process's successor is known by the same path. */
async function keepHouse(settings: Settings, how: Pick<Place, 'file' | 'demo'>, old: Predecessor | undefined): Promise<void> {
  const own = mkdtempSync(join(tmpdir(), 'sotto-'))
  const folders = new Set([own])
  const socket = old?.mediaSocket ?? join(own, 'media.sock')
  buildWallboard()
  const log = launcherLog()
  const launcher = launcherOf(planOf(settings, { ...how, socket }), log)
  const us = { pid: process.pid, version: version(), socket: join(own, 'launcher.sock') }
  const onDone = () => folders.delete(dirname(socket))
  const onAsked = (asked: Socket) => new HandOver(asked, { version: us.version, mediaSocket: socket, launcher, onDone, log })
  let tenancy: Tenancy | undefined
  process.once('exit', () => {
    tenancy?.leave()
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  const claim = async () => {
    tenancy = await Tenancy.take(settings.data, us, onAsked, old?.tenant)
    folders.add(dirname(socket))
  }
  if (old !== undefined) return launcher.takeOver(old, claim)
  await claim()
  if (tenancy === undefined) return refuse(`sotto: data: another Sotto has just begun to work on ${settings.data}`, 1)
  launcher.start()
}

/** For those who work on no data. */
export const keepRunning = (plan: LaunchPlan): void => launcherOf(plan, launcherLog()).start()

function launcherOf(plan: LaunchPlan, log: Log): Launcher {
  const launcher = new Launcher(plan, log, (exitCode) => process.exit(exitCode))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => launcher.signalled())
  return launcher
}

function launcherLog(): Log {
  const level = process.env.SOTTO_LOG ?? 'info'
  return systemLog({ level: isLogLevel(level) ? level : 'info', process: 'launcher' })
}

interface Place {
  readonly file: string
  readonly socket: string
  readonly demo: boolean
}

/** Every datagram and message is a short-lived object: a larger young generation spares a sixth of the processor time. */
const youngGeneration = ['--max-semi-space-size=32']

/** Who is gone, and what is sent to a port that two have, is known from the kernel; where it is another one, media is alone. */
const hasStandby = process.platform === 'linux'

function planOf(settings: Settings, { file, socket, demo }: Place): LaunchPlan {
  // The demonstration talks to a person: its log lines would drown what it says.
  const quiet = demo ? { SOTTO_LOG: process.env.SOTTO_LOG ?? 'warn' } : {}
  const environment = { ...process.env, ...quiet, SOTTO_CONFIG: file, SOTTO_MEDIA_SOCKET: socket }
  const media = mediaProgram(settings, socket)
  return {
    media,
    ...(settings.media.standby && hasStandby ? { standby: media } : {}),
    control: { name: 'control', nodeOptions: youngGeneration, file: here('src/control.ts'), args: demo ? ['--demo'] : [], environment },
    ...(demo ? { demo: demoProgram(environment) } : {}),
  }
}

function mediaProgram({ media, webrtc, accounts, data }: Settings, socket: string): Program {
  const { 4: address, 6: address6 } = media.addresses
  const wanted = {
    socket,
    address,
    address6,
    ports: `${media.ports.first}-${media.ports.last}`,
    lease: String(limits.mediaLeaseMs),
    country: accounts[0]?.country,
    'hold-music': media.holdMusic,
    recordings: join(data, 'recordings'),
    'webrtc-port': media.webrtcPort?.toString(),
    // Browsers are served on the IPv4 address where there is one.
    advertise: media.advertise[address === undefined ? 6 : 4],
  }
  const stunServers = webrtc.iceServers.flatMap(({ urls }) => urls.filter((url) => url.startsWith('stun:')))
  const announcements = new Set(accounts.flatMap(({ recording }) => recording.announcement?.file ?? []))
  return {
    name: 'media',
    nodeOptions: youngGeneration,
    file: here('src/media-process/main.ts'),
    args: [
      ...Object.entries(wanted).flatMap(([option, value]) => (value === undefined ? [] : [`--${option}`, value])),
      ...[...announcements].flatMap((path) => ['--announcement', path]),
      ...stunServers.flatMap((server) => ['--ice-server', server]),
    ],
    environment: process.env,
  }
}

function demoProgram(environment: Readonly<Record<string, string | undefined>>): NonNullable<LaunchPlan['demo']> {
  return (ready) => ({
    name: 'demo',
    file: here('testkit/demo.ts'),
    args: [],
    environment: { ...environment, SOTTO_HTTP: ready.http, SOTTO_SIP: ready.sip?.join(',') },
  })
}
