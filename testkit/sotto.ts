/** A real server for a test: the launcher with its processes, on free ports of loopback, with data of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CallControl } from './call-control.ts'
import { eventually, pause } from './phone-wait.ts'
import type { Peer } from './phone-wire.ts'
import { boundToUs, freeTcpPort, freeUdpPorts, isFree } from './softphones/program.ts'

const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** What the reference call centre's tests know by heart. */
export const reference = {
  config: here('fixtures/call-centre.json'),
  adminKey: 'sk_test_admin_a',
  realm: 'sotto.test',
  /** The name and password that an extension of the first account registers with. */
  phone: (extension: string) => ({ user: `0003*${extension}`, password: `pw-${extension}`, realm: 'sotto.test' }),
} as const

interface Config {
  accounts: { trunks?: { peer: string; trusted: string[] }[] }[]
  [key: string]: unknown
}

export interface SottoOptions {
  /** A configuration file; default the reference call centre. */
  readonly config?: string
  /** Changes the configuration before the server sees it. */
  readonly change?: (config: Config) => void
  readonly key?: string
  readonly env?: Readonly<Record<string, string>>
}

type ProcessName = 'control' | 'media'

const sources: Readonly<Record<ProcessName, string>> = { control: 'src/control.ts', media: 'src/media-process/main.ts' }

export class Sotto {
  readonly http: string
  readonly sip: Peer
  /** Where the configuration's first trunk is; the test's Trunk listens here. */
  readonly trunkPort: number
  readonly api: CallControl
  readonly #launcher: ChildProcess
  readonly #dir: string
  #output = ''
  #exited = false

  constructor(launcher: ChildProcess, at: { dir: string; http: string; sip: Peer; trunkPort: number; key: string }) {
    this.#launcher = launcher
    this.#dir = at.dir
    this.http = at.http
    this.sip = at.sip
    this.trunkPort = at.trunkPort
    this.api = new CallControl(at.http, at.key)
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-1_000_000)
    }
    launcher.stdout?.on('data', keep)
    launcher.stderr?.on('data', keep)
    launcher.on('exit', () => {
      this.#exited = true
    })
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

  /** Process ids of one kind, living now. */
  pids(name: ProcessName): readonly number[] {
    return descendants(this.#launcher.pid ?? 0).filter((pid) => commandLine(pid).includes(sources[name]))
  }

  /** kill -9. The launcher is expected to start it again. */
  kill(name: ProcessName): void {
    for (const pid of this.pids(name)) process.kill(pid, 'SIGKILL')
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
  moveTrunks(config, trunkPort)
  options.change?.(config)
  const file = join(dir, 'config.json')
  writeFileSync(file, JSON.stringify(config, null, 2))
  const mediaFrom = 10_000 + 400 * Math.floor(Math.random() * 50)
  const env = {
    ...process.env,
    SOTTO_HTTP_LISTEN: http,
    SOTTO_SIP_LISTEN: `udp:127.0.0.1:${sipPort},tcp:127.0.0.1:${sipPort}`,
    SOTTO_MEDIA_PORTS: `${mediaFrom}-${mediaFrom + 399}`,
    SOTTO_DATA: join(dir, 'data'),
    ...options.env,
  }
  const launcher = spawn('setpriv', boundToUs(process.execPath, [here('src/main.ts'), '--config', file]), {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const at = { dir, http: `http://${http}`, sip: { host: '127.0.0.1', port: sipPort }, trunkPort, key: options.key ?? reference.adminKey }
  const sotto = new Sotto(launcher, at)
  await sotto.ready().catch(async (error: Error) => {
    await sotto.stop()
    throw error
  })
  return sotto
}

function moveTrunks(config: Config, port: number): void {
  for (const trunk of config.accounts.flatMap((account) => account.trunks ?? [])) {
    trunk.peer = `udp:127.0.0.1:${port}`
    trunk.trusted = [`127.0.0.1:${port}`]
  }
}

async function portForBoth(): Promise<number> {
  for (;;) {
    const port = await freeTcpPort()
    if (await isFree(port)) return port
  }
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
