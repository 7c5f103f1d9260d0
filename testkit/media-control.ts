/** A control process in miniature: starts a media process, speaks `media/protocol.ts` to it, waits for its answers. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LegId } from '../src/kernel/ids.ts'
import type { Endpoint, MediaEvent, MediaOrder } from '../src/media/protocol.ts'

const entry = new URL('../src/media-process/main.ts', import.meta.url).pathname
const answerMs = 5_000

export interface MediaChild {
  readonly process: ChildProcess
  readonly socketPath: string
  stop(): Promise<void>
}

export interface MediaChildOptions {
  readonly ports: string
  readonly leaseMs?: number
  readonly webrtcPort?: number
  readonly advertise?: string
  readonly iceServer?: string
  /** Folder. */
  readonly recordings?: string
  /** Of another one, whose standby this is. */
  readonly socketPath?: string
  readonly nodeArguments?: readonly string[]
  /** Put before the command, such as `taskset -c 0`. */
  readonly prefix?: readonly string[]
}

/** On loopback only. */
export async function startMediaChild(options: MediaChildOptions): Promise<MediaChild> {
  const folder = options.socketPath === undefined ? mkdtempSync(join(tmpdir(), 'sotto-media-')) : undefined
  const socketPath = options.socketPath ?? join(folder ?? '', 'control.sock')
  const lease = options.leaseMs === undefined ? [] : ['--lease', String(options.leaseMs)]
  const recordings = options.recordings === undefined ? [] : ['--recordings', options.recordings]
  const ours = [
    entry,
    '--socket',
    socketPath,
    '--address',
    '127.0.0.1',
    '--address6',
    '::1',
    '--ports',
    options.ports,
    ...lease,
    ...recordings,
    ...(options.webrtcPort === undefined ? [] : ['--webrtc-port', String(options.webrtcPort)]),
    ...(options.advertise === undefined ? [] : ['--advertise', options.advertise]),
    ...(options.iceServer === undefined ? [] : ['--ice-server', options.iceServer]),
  ]
  const command = [...(options.prefix ?? []), process.execPath, ...(options.nodeArguments ?? []), ...ours]
  const child = spawn(command[0] ?? '', command.slice(1), { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  // A media process outlives its control by design; a test that dies must take it along.
  const orphan = () => child.kill('SIGKILL')
  process.once('exit', orphan)
  const stop = async () => {
    process.off('exit', orphan)
    child.kill('SIGTERM')
    await ended
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  return { process: child, socketPath, stop }
}

export class MediaControl {
  readonly events: MediaEvent[] = []
  readonly #socket: Socket
  #waiting: { readonly wants: (event: MediaEvent) => boolean; readonly found: (event: MediaEvent) => void }[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    let held = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      const lines = (held + chunk).split('\n')
      held = lines.pop() ?? ''
      for (const line of lines) this.#take(JSON.parse(line))
    })
    socket.on('error', () => {})
  }

  /** Tries until the process listens. */
  static async connect(path: string): Promise<MediaControl> {
    const until = Date.now() + answerMs
    for (;;) {
      const socket = await new Promise<Socket | undefined>((resolve) => {
        const attempt = createConnection(path, () => resolve(attempt))
        attempt.once('error', () => resolve(undefined))
      })
      if (socket !== undefined) return new MediaControl(socket)
      if (Date.now() > until) throw new Error(`nobody listens on ${path}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  send(...orders: readonly MediaOrder[]): void {
    this.#socket.write(orders.map((order) => `${JSON.stringify(order)}\n`).join(''))
  }

  raw(text: string): void {
    this.#socket.write(text)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** The next event of that kind that fits, from now on. */
  next<K extends MediaEvent['kind']>(
    kind: K,
    fits: (event: Extract<MediaEvent, { kind: K }>) => boolean = () => true,
  ): Promise<Extract<MediaEvent, { kind: K }>> {
    const wants = (event: MediaEvent) => event.kind === kind && fits(event as Extract<MediaEvent, { kind: K }>)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${kind} within ${answerMs} ms`)), answerMs)
      const found = (event: MediaEvent) => {
        clearTimeout(timer)
        resolve(event as Extract<MediaEvent, { kind: K }>)
      }
      this.#waiting.push({ wants, found })
    })
  }

  async hello(epoch: number, leaseMs = 60_000): Promise<Extract<MediaEvent, { kind: 'welcome' }>> {
    const answer = this.next('welcome')
    this.send({ kind: 'hello', epoch, leaseMs })
    return answer
  }

  async openLeg(leg: LegId, options: { account?: string; voice?: 'core' | 'supervisor'; family?: 4 | 6 } = {}): Promise<Endpoint> {
    const opened = this.next('leg-opened', (event) => event.leg === leg)
    this.send({ kind: 'open-leg', leg, account: options.account ?? 'acme', voice: options.voice ?? 'core', family: options.family ?? 4 })
    return (await opened).local
  }

  #take(event: MediaEvent): void {
    this.events.push(event)
    for (const waiting of this.#waiting) if (waiting.wants(event)) waiting.found(event)
    this.#waiting = this.#waiting.filter((waiting) => !waiting.wants(event))
  }
}
