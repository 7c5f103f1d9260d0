/** A program of the system under test control: a folder of its own, its output at hand, and an end that it cannot miss. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, pause } from '../phone-wait.ts'

/** A softphone that a failed test forgot ends itself after this. */
const longestLifeMs = 15 * 60_000
const outputKept = 200_000

export class Program {
  readonly dir: string
  readonly name: string
  #child: ChildProcess | undefined
  #output = ''
  #deadline: NodeJS.Timeout | undefined
  #exitCode: number | null | undefined

  constructor(name: string) {
    this.name = name
    this.dir = mkdtempSync(join(tmpdir(), `sotto-${name}-`))
  }

  get output(): string {
    return this.#output
  }

  /** Undefined while it runs. */
  get exitCode(): number | null | undefined {
    return this.#exitCode
  }

  start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    const child = spawn('setpriv', boundToUs(command, args), {
      cwd: this.dir,
      env: { ...process.env, HOME: this.dir, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child = child
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-outputKept)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.stdin.on('error', () => {})
    child.on('error', (error) => keep(Buffer.from(String(error))))
    child.on('exit', (code) => {
      this.#exitCode = code
    })
    process.on('exit', this.#leave)
    this.#deadline = setTimeout(this.#kill, longestLifeMs).unref()
  }

  type(line: string): void {
    this.#child?.stdin?.write(`${line}\n`)
  }

  /** Waits for text in what the program has written since `from`; says what it wrote instead. */
  async says(pattern: RegExp, ms = 10_000, from = 0): Promise<RegExpExecArray> {
    const look = () => pattern.exec(this.#output.slice(from)) ?? undefined
    return eventually(`${this.name}: ${pattern}`, look, ms).catch((error: Error) => {
      throw new Error(`${error.message}; it wrote:\n${this.#output.slice(-2_000)}`)
    })
  }

  async ended(ms = 10_000): Promise<number | null> {
    await eventually(`the end of ${this.name}`, () => this.#exitCode !== undefined, ms)
    return this.#exitCode ?? null
  }

  async stop(): Promise<void> {
    clearTimeout(this.#deadline)
    process.off('exit', this.#leave)
    this.#child?.kill('SIGTERM')
    for (let waited = 0; this.#exitCode === undefined && waited < 2_000; waited += 20) await pause(20)
    this.#leave()
  }

  #leave = (): void => {
    this.#kill()
    rmSync(this.dir, { recursive: true, force: true })
  }

  #kill = (): void => {
    this.#child?.kill('SIGKILL')
  }
}

/** The kernel ends a child whose parent died, even one that was killed and could say nothing (setpriv belongs to every Debian). */
export const boundToUs = (command: string, args: readonly string[]): readonly string[] => ['--pdeathsig', 'KILL', command, ...args]

/** A UDP port that is free, with the next `extra` ones, on loopback. Somebody may take it first; the odds are those of 20,000 ports. */
export async function freeUdpPorts(extra = 0): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const first = 2 * Math.floor((33_000 + Math.random() * 20_000) / 2)
    const ports = Array.from({ length: extra + 1 }, (_, n) => first + n)
    const free = await Promise.all(ports.map(isFree))
    if (free.every(Boolean)) return first
  }
  throw new Error('no UDP port is free')
}

export function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  const { promise, resolve } = Promise.withResolvers<boolean>()
  socket.on('error', () => resolve(false))
  socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)))
  return promise
}

export function freeTcpPort(): Promise<number> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.on('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))))
  })
  return promise
}
