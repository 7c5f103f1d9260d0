import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { explain, loadSettings } from '../edge/config.ts'
import { isLogLevel, systemLog } from '../edge/log.ts'
import type { Settings } from '../edge/settings.ts'
import { limits } from '../kernel/limits.ts'
import { parseArguments, usage } from './arguments.ts'
import type { Program } from './kept-alive.ts'
import { Launcher, type LaunchPlan } from './launcher.ts'

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Does what the command line asks for. */
export function start(args: readonly string[]): void {
  const wish = parseArguments(args, process.env.SOTTO_CONFIG)
  if (!wish.ok) {
    process.stderr.write(`sotto: ${wish.error}\n\n${usage}`)
    process.exitCode = 2
  } else if (wish.value.kind === 'help') process.stdout.write(usage)
  else if (wish.value.kind === 'version') process.stdout.write(`${version()}\n`)
  else run(wish.value.config)
}

const version = (): string => JSON.parse(readFileSync(here('package.json'), 'utf8')).version

function run(config: string | undefined): void {
  const file = config === undefined ? here('fixtures/demo.json') : resolve(config)
  const settings = loadSettings(file, process.env)
  if (!settings.ok) {
    process.stderr.write(`${explain(file, settings.error)}\n`)
    process.exitCode = 2
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'sotto-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  keepRunning(planOf(settings.value, { file, socket: join(folder, 'media.sock'), demo: config === undefined }))
}

export function keepRunning(plan: LaunchPlan): void {
  const level = process.env.SOTTO_LOG ?? 'info'
  const log = systemLog({ level: isLogLevel(level) ? level : 'info', process: 'launcher' })
  const launcher = new Launcher(plan, log, (exitCode) => process.exit(exitCode))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => launcher.signalled())
  launcher.start()
}

interface Place {
  readonly file: string
  readonly socket: string
  readonly demo: boolean
}

/** Every datagram and message is a short-lived object: a larger young generation spares a sixth of the processor time. */
const youngGeneration = ['--max-semi-space-size=32']

function planOf(settings: Settings, { file, socket, demo }: Place): LaunchPlan {
  // The demonstration talks to a person: its log lines would drown what it says.
  const quiet = demo ? { SOTTO_LOG: process.env.SOTTO_LOG ?? 'warn' } : {}
  const environment = { ...process.env, ...quiet, SOTTO_CONFIG: file, SOTTO_MEDIA_SOCKET: socket }
  const media = mediaProgram(settings, socket)
  return {
    media,
    standby: media,
    control: { name: 'control', nodeOptions: youngGeneration, file: here('src/control.ts'), args: demo ? ['--demo'] : [], environment },
    ...(demo ? { demo: demoProgram(environment) } : {}),
  }
}

function mediaProgram({ media, accounts, data }: Settings, socket: string): Program {
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
  }
  return {
    name: 'media',
    nodeOptions: youngGeneration,
    file: here('src/media-process/main.ts'),
    args: Object.entries(wanted).flatMap(([option, value]) => (value === undefined ? [] : [`--${option}`, value])),
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
