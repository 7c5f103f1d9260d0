/** A PostgreSQL server of a test's own, on a free port of loopback, that can be frozen, killed and started again. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathOf } from './programs.ts'

export interface TestPostgres {
  /** A new, empty database with each call. */
  database(): string
  /** Stops every process of the server where it stands, and lets them go on. */
  freeze(): void
  thaw(): void
  /** Every connection to this database, as an administrator would end them. */
  endConnections(url: string): void
  /** As a power failure would. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it, and removes what it wrote. */
  remove(): Promise<void>
}

export async function startPostgres(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-postgres-'))
  const owner = unprivileged()
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  const made = spawnSync(pathOf('initdb'), ['-D', data, '-U', 'sotto', '-A', 'trust', '-E', 'UTF8', '--no-sync'], { cwd: folder, ...owner })
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  // A test that is ended in the middle must not leave it running.
  process.once('exit', () => server.abandon())
  const server = new Server({ folder, data, port: await freePort(), owner })
  await server.start()
  return server
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

interface Place {
  readonly folder: string
  readonly data: string
  readonly port: number
  readonly owner: Owner | undefined
}

class Server implements TestPostgres {
  readonly #place: Place
  #process: ChildProcess | undefined
  #databases = 0

  constructor(place: Place) {
    this.#place = place
  }

  database(): string {
    this.#databases += 1
    const name = `test${this.#databases}`
    execFileSync(pathOf('psql'), [...this.#connection(), '-d', 'postgres', '-qc', `create database ${name}`])
    return `postgres://sotto@127.0.0.1:${this.#place.port}/${name}`
  }

  endConnections(url: string): void {
    const end = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${url.split('/').at(-1)}'`
    execFileSync(pathOf('psql'), [...this.#connection(), '-d', 'postgres', '-qc', end], { stdio: 'ignore' })
  }

  freeze(): void {
    this.#signal('SIGSTOP')
  }

  thaw(): void {
    this.#signal('SIGCONT')
  }

  async kill(): Promise<void> {
    const server = this.#process
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    this.#signal('SIGKILL')
    await ended
  }

  async start(): Promise<void> {
    const { data, folder, port, owner } = this.#place
    // A server that was killed leaves its lock behind, and the shared memory that it names may take a moment to go.
    rmSync(join(data, 'postmaster.pid'), { force: true })
    const settings = ['-p', String(port), '-k', folder, '-h', '127.0.0.1', '-c', 'log_min_messages=panic', '-c', 'max_connections=40']
    this.#process = spawn(pathOf('postgres'), ['-D', data, ...settings], { cwd: folder, stdio: 'ignore', ...owner })
    for (let tries = 0; tries < 300; tries++) {
      if (spawnSync(pathOf('psql'), [...this.#connection(), '-d', 'postgres', '-qc', 'select 1']).status === 0) return
      await pause(50)
    }
    throw new Error('PostgreSQL does not answer')
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(this.#place.folder, { recursive: true, force: true })
  }

  abandon(): void {
    this.#signal('SIGKILL')
    rmSync(this.#place.folder, { recursive: true, force: true })
  }

  #connection(): readonly string[] {
    return ['-h', '127.0.0.1', '-p', String(this.#place.port), '-U', 'sotto']
  }

  #signal(signal: NodeJS.Signals): void {
    for (const pid of this.#processes()) signalIfThere(pid, signal)
  }

  /** The server itself first, then its children, which are in process groups of their own. */
  #processes(): readonly number[] {
    const pid = this.#process?.pid
    return pid === undefined ? [] : [pid, ...childrenOf(pid)]
  }
}

/** A child may have ended since it was looked up. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {}
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent)
}

function parentOf(pid: number): number | undefined {
  try {
    // The name, in brackets, may contain anything.
    return Number(/^.*\) . (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return undefined
  }
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const [, , uid = '', gid = ''] = users.find((line) => /^(?:postgres|nobody):/.test(line))?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
