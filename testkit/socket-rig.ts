/** The sockets of SIP by themselves, with somebody who notes what they tell. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { now } from '../src/edge/clock.ts'
import { SipSockets } from '../src/edge/sip-sockets.ts'
import { silent } from '../src/kernel/log.ts'
import type { Flow, Listener, ResolveAnswer } from '../src/sip/door.ts'
import { selfSigned } from './certificate.ts'
import { eventually } from './phone-wait.ts'

/** Notes what it is told, one line each: `received hello`, `closed`. */
export class Inlet {
  readonly told: string[] = []
  readonly flows: Flow[] = []
  readonly answers = new Map<string, readonly ResolveAnswer[]>()

  received(bytes: Uint8Array, flow: Flow): void {
    this.#note(`received ${Buffer.from(bytes).toString().replaceAll('\r\n', '|')}`, flow)
  }
  opened(id: string, flow: Flow): void {
    this.#note(`opened ${id}`, flow)
  }
  failed(id: string): void {
    this.told.push(`failed ${id}`)
  }
  closed(flow: Flow): void {
    this.#note('closed', flow)
  }
  resolved(id: string, answers: readonly ResolveAnswer[]): void {
    this.answers.set(id, answers)
  }

  get flow(): Flow {
    const flow = this.flows.at(-1)
    if (flow === undefined) throw new Error('no flow yet')
    return flow
  }

  async hears(...expected: readonly string[]): Promise<void> {
    await eventually(`the inlet hears ${expected}`, () => this.told.length >= expected.length, 2_000)
    assert.deepEqual(this.told, expected)
  }

  #note(what: string, flow: Flow): void {
    this.told.push(what)
    this.flows.push(flow)
  }
}

export const certificate = selfSigned(['localhost', '127.0.0.1'])

export async function openSockets(t: TestContext, transport: Listener['transport'], address = '127.0.0.1') {
  const inlet = new Inlet()
  const listen: Listener[] = [{ transport, address, port: 0 }]
  const sockets = new SipSockets({ listen, tls: { ...certificate, ca: certificate.cert }, inlet, now, log: silent })
  const [listener] = await sockets.bind()
  t.after(() => sockets.close())
  assert.ok(listener !== undefined && listener.port > 0)
  return { inlet, sockets, port: listener.port, local: { address, port: listener.port } }
}

export const bytes = (text: string): Uint8Array => Buffer.from(text)
export const message = (body: string): string => `OPTIONS sip:a SIP/2.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`
export const asHeard = (body: string): string => `received ${message(body).replaceAll('\r\n', '|')}`

export async function dial(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  return socket.on('error', () => {})
}
