/** A real server for a test: the launcher with its processes, on free ports of loopback, with data of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CallControl } from './call-control.ts'
import { selfSigned } from './certificate.ts'
import { eventually, pause } from './phone-wait.ts'
import { hostPort, type Peer } from './phone-wire.ts'
import { boundToUs, freeTcpPort, freeUdpPorts, isFree } from './softphones/program.ts'

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What the reference call centre's tests know by heart. */
export const reference = {
  config: here('fixtures/call-centre.json'),
  adminKey: 'sk_test_admin_a',
  realm: 'sotto.test',
  /** The name and password that an extension of the first account registers with. */
  phone: (extension: string) => ({ user: `0003*${extension}`, password: `pw-${extension}`, realm: 'sotto.test' }),
  /** The same of the second account, which may see and hear nothing of the first. */
  otherPhone: (extension: string) => ({ user: `0004*${extension}`, password: `pw-b${extension}`, realm: 'sotto.test' }),
  otherKey: 'sk_test_supervisor_b',
} as const

interface Account {
  trunks?: { peer: string; trusted: string[] }[]
  extensions: Record<string, unknown>[]
  groups: Record<string, unknown>[]
  numbers: Record<string, unknown>[]
  [key: string]: unknown
}

export interface Config {
  accounts: Account[]
  sip: Record<string, unknown>
  media: Record<string, unknown>
  [key: string]: unknown
}

export interface SottoOptions {
  /** A configuration file; default the reference call centre. */
  readonly config?: string
  /** Changes the configuration before the server sees it. */
  readonly change?: (config: Config) => void
  readonly key?: string
  /** Listeners beside UDP and TCP; `Sotto.listeners` says where. Their certificate is made for this server. */
  readonly also?: readonly Encrypted[]
  /** UDP and TCP on ::1 as well, at the same port; the trunk is there, and audio too. */
  readonly ipv6?: boolean
  readonly env?: Readonly<Record<string, string>>
}

type Encrypted = 'tls' | 'ws' | 'wss'
type ProcessName = 'control' | 'media'

const sources: Readonly<Record<ProcessName, string>> = { control: 'src/control.ts', media: 'src/media-process/main.ts' }

interface Place {
  readonly dir: string
  readonly http: string
  readonly sip: Peer
  readonly listeners: Sotto['listeners']
  readonly trunkPort: number
  readonly key: string
  readonly env: NodeJS.ProcessEnv
}

export class Sotto {
  readonly http: string
  readonly sip: Peer
  readonly listeners: Readonly<Partial<Record<Encrypted, Peer>>>
  /** Where the configuration's first trunk is; the test's Trunk listens here. */
  readonly trunkPort: number
  readonly api: CallControl
  #launcher: ChildProcess
  readonly #env: NodeJS.ProcessEnv
  readonly #dir: string
  /** Where the server keeps what it keeps. */
  readonly data: string
  #output = ''
  #exited = false

  constructor(launcher: ChildProcess, at: Place) {
    this.#launcher = launcher
    this.#env = at.env
    this.#dir = at.dir
    this.data = join(at.dir, 'data')
    this.http = at.http
    this.sip = at.sip
    this.listeners = at.listeners
    this.trunkPort = at.trunkPort
    this.api = new CallControl(at.http, at.key)
    this.#follow(launcher)
    process.on('exit', this.#killAll)
  }

  /** All logs so far. */
  get output(): string {
    return this.#output
  }

  async ready(): Promise<void> {
    const look = async () => {
      if (this.#exited) throw new Error(`the server ended:\n${this.#output.slice(-4_000)}`)
      const answer = await fetch(`${this.http}/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined)
      return answer?.status === 200
    }
    await eventually('the server is ready', look, 20_000).catch((error: Error) => {
      throw new Error(`${error.message}:\n${this.#output.slice(-4_000)}`)
    })
  }

  /**
   * A newer version, from the folder `checkout`, takes over from this one. Resolves when the older launcher has ended, to its exit code;
   * rejects when the newer one ends instead, after which the older one goes on.
   */
  async upgrade(checkout = here('')): Promise<number | null> {
    const older = this.#launcher
    const newer = launch(this.#dir, { env: this.#env, checkout, also: ['--take-over'] })
    this.#launcher = newer
    this.#follow(newer)
    const said = this.#output.length
    await eventually('one of the two has ended', () => hasEnded(older) || hasEnded(newer), 40_000)
    if (hasEnded(older)) return older.exitCode
    this.#launcher = older
    this.#exited = false
    throw new Error(`the newer one ended (${newer.exitCode}):\n${this.#output.slice(said)}`)
  }

  /** Another one on the same data, which says why it will not. */
  async second(): Promise<{ readonly code: number | null; readonly said: string }> {
    const other = launch(this.#dir, { env: this.#env })
    let said = ''
    other.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await eventually('it has ended', () => hasEnded(other), 10_000)
    return { code: other.exitCode, said }
  }

  #follow(launcher: ChildProcess): void {
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-1_000_000)
    }
    launcher.stdout?.on('data', keep)
    launcher.stderr?.on('data', keep)
    launcher.on('exit', () => {
      if (this.#launcher === launcher) this.#exited = true
    })
  }

  /** Process ids of one kind, living now. */
  pids(name: ProcessName): readonly number[] {
    return descendants(this.#launcher.pid ?? 0).filter((pid) => commandLine(pid).includes(sources[name]))
  }

  /** The media process that is active and its standby, once there are both. */
  mediaPair(): readonly [active: number, standby: number] | undefined {
    const pids = this.pids('media')
    const socket = commandLine(pids[0] ?? 0).match(/--socket (\S+)/)?.[1] ?? ''
    const active = newestHolder(`${socket}.terms`)
    const standby = pids.find((pid) => pid !== active)
    return active === undefined || standby === undefined || !pids.includes(active) ? undefined : [active, standby]
  }

  /** kill -9. The launcher is expected to start it again. */
  kill(name: ProcessName): void {
    for (const pid of this.pids(name)) process.kill(pid, 'SIGKILL')
  }

  /** Until it is gone; the next one may be there by then. */
  async killed(name: ProcessName): Promise<void> {
    const pids = this.pids(name)
    this.kill(name)
    await eventually(`${name} is gone`, () => !this.pids(name).some((pid) => pids.includes(pid)))
  }

  /** One signal: no new calls, and the end when the last has ended. The exit code. */
  drain(): Promise<number | null> {
    const { promise, resolve } = Promise.withResolvers<number | null>()
    this.#launcher.once('exit', (code) => resolve(code))
    this.#launcher.kill('SIGTERM')
    return promise
  }

  /** A second signal ends at once, with whatever calls are left. */
  async stop(): Promise<void> {
    for (const waitMs of [400, 4_000]) {
      if (!this.#exited) this.#launcher.kill('SIGTERM')
      for (let waited = 0; !this.#exited && waited < waitMs; waited += 20) await pause(20)
    }
    process.off('exit', this.#killAll)
    this.#killAll()
  }

  #killAll = (): void => {
    const all = this.#exited ? [] : [...descendants(this.#launcher.pid ?? 0), this.#launcher.pid ?? 0]
    for (const pid of all) killQuietly(pid)
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

export async function startSotto(options: SottoOptions = {}): Promise<Sotto> {
  const dir = mkdtempSync(join(tmpdir(), 'sotto-server-'))
  const sipPort = await portForBoth()
  const trunkPort = await freeUdpPorts(1)
  const http = `127.0.0.1:${await freeTcpPort()}`
  const config: Config = JSON.parse(readFileSync(options.config ?? reference.config, 'utf8'))
  moveTrunks(config, { host: options.ipv6 === true ? '::1' : '127.0.0.1', port: trunkPort })
  if (options.ipv6 === true) config.media.address6 = '::1'
  const listeners = await freeListeners(options.also ?? [])
  if (options.also !== undefined) config.sip.tls = writeCertificate(dir)
  options.change?.(config)
  const mediaFrom = 10_000 + 400 * Math.floor(Math.random() * 50)
  const env = {
    ...process.env,
    SOTTO_HTTP_LISTEN: http,
    SOTTO_SIP_LISTEN: listenList(sipPort, listeners, options.ipv6 === true),
    SOTTO_MEDIA_PORTS: `${mediaFrom}-${mediaFrom + 399}`,
    SOTTO_DATA: join(dir, 'data'),
    // Tests that look at the page have it built first (`built-wallboard.ts`).
    SOTTO_BUILD: 'off',
    ...options.env,
  }
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config, null, 2))
  const launcher = launch(dir, { env })
  const at = {
    dir,
    env,
    http: `http://${http}`,
    sip: { host: '127.0.0.1', port: sipPort },
    listeners,
    trunkPort,
    key: options.key ?? reference.adminKey,
  }
  const sotto = new Sotto(launcher, at)
  await sotto.ready().catch(async (error: Error) => {
    await sotto.stop()
    throw error
  })
  return sotto
}

interface Launch {
  readonly env: NodeJS.ProcessEnv
  readonly checkout?: string
  readonly also?: readonly string[]
}

function launch(dir: string, { env, checkout = here(''), also = [] }: Launch): ChildProcess {
  const command = boundToUs(process.execPath, [join(checkout, 'src/main.ts'), '--config', join(dir, 'config.json'), ...also])
  return spawn('setpriv', command, { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

function moveTrunks(config: Config, to: Peer): void {
  for (const trunk of config.accounts.flatMap((account) => account.trunks ?? [])) {
    trunk.peer = `udp:${hostPort(to)}`
    trunk.trusted = [hostPort(to)]
  }
}

async function freeListeners(wanted: readonly Encrypted[]): Promise<Sotto['listeners']> {
  const listeners: Partial<Record<Encrypted, Peer>> = {}
  for (const transport of wanted) listeners[transport] = { host: '127.0.0.1', port: await freeTcpPort() }
  return listeners
}

function listenList(port: number, listeners: Sotto['listeners'], ipv6: boolean): string {
  const hosts = ipv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  const plain = hosts.flatMap((host) => [`udp:${hostPort({ host, port })}`, `tcp:${hostPort({ host, port })}`])
  return [...plain, ...Object.entries(listeners).map(([transport, at]) => `${transport}:${hostPort(at)}`)].join(',')
}

function writeCertificate(dir: string): { cert: string; key: string } {
  const { cert, key } = selfSigned(['127.0.0.1'])
  const paths = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
  writeFileSync(paths.cert, cert)
  writeFileSync(paths.key, key)
  return paths
}

async function portForBoth(): Promise<number> {
  for (;;) {
    const port = await freeTcpPort()
    if (await isFree(port)) return port
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

function newestHolder(folder: string): number | undefined {
  const terms = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+$/.test(name)) : []
  const newest = Math.max(0, ...terms.map(Number))
  return newest === 0 ? undefined : JSON.parse(read(join(folder, String(newest)))).pid
}

function descendants(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendants(child)])
}

const commandLine = (pid: number): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')

/** A process may end while it is looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
