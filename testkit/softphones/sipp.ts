/** SIPp as a phone: its signalling is its own; its SDP names an RTP port of ours, where the test speaks and listens. */
import { createSocket } from 'node:dgram'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RtpStream } from '../phone-rtp.ts'
import { eventually } from '../phone-wait.ts'
import { tone } from '../voice.ts'
import { freeUdpPorts, isFree, Program } from './program.ts'
import { answerScenario, callScenario, hangUpMethod, registerScenario, type ScenarioValues } from './sipp-scenarios.ts'
import type { Softphone, SoftphoneOptions } from './softphone.ts'

export interface SippOptions extends SoftphoneOptions {
  /** Waits for no call, but makes one. */
  readonly caller?: boolean
}

export class Sipp implements Softphone {
  readonly name = 'SIPp'
  readonly tone: number
  readonly lagMs = 0
  readonly uri: string
  readonly #options: SippOptions
  readonly #port: number
  readonly #stream: RtpStream
  readonly #watch: NodeJS.Timeout
  #program: Program | undefined
  #controlPort = 0
  #aimedAt = 0
  #callId = ''

  private constructor(options: SippOptions, at: { readonly port: number; readonly stream: RtpStream }) {
    this.#options = options
    this.#port = at.port
    this.#stream = at.stream
    this.tone = options.tone
    this.uri = `sip:${options.user}@127.0.0.1:${at.port}`
    this.#watch = setInterval(() => this.#aim(), 20)
  }

  static async start(options: SippOptions): Promise<Sipp> {
    const port = options.port ?? (await freeUdpPorts())
    const phone = new Sipp(options, { port, stream: await RtpStream.open('127.0.0.1', { voice: tone(options.tone) }) })
    try {
      if (options.password !== undefined) await phone.#register()
      if (options.caller !== true) await phone.#run(answerScenario(phone.#values()), { calls: 1_000 })
      return phone
    } catch (error) {
      await phone.stop()
      throw error
    }
  }

  async call(number: string): Promise<void> {
    await this.#end()
    await this.#run(callScenario({ ...this.#values(), number }))
  }

  async answer(): Promise<void> {
    throw new Error('SIPp answers by its script')
  }

  /** Its script listens for a word from us in its own call, and then says BYE. */
  async hangUp(): Promise<void> {
    const word = [
      `${hangUpMethod} sip:sipp@127.0.0.1 SIP/2.0`,
      'Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKdriver',
      'From: <sip:driver@127.0.0.1>;tag=d',
      'To: <sip:sipp@127.0.0.1>',
      `Call-ID: ${this.#callId}`,
      `CSeq: 1 ${hangUpMethod}`,
      'Content-Length: 0',
      '',
      '',
    ]
    await datagram(this.#port, word.join('\r\n'))
    await eventually('SIPp has hung up', async () => !(await this.inCall()))
  }

  async hold(): Promise<void> {
    throw new Error('SIPp holds no call by its script')
  }

  async resume(): Promise<void> {
    throw new Error('SIPp holds no call by its script')
  }

  async transfer(): Promise<void> {
    throw new Error('SIPp transfers no call by its script')
  }

  async inCall(): Promise<boolean> {
    this.#aim()
    return this.#aimedAt !== 0
  }

  async tones(windowMs = 100): Promise<readonly number[]> {
    return this.#stream.heard.tones(windowMs)
  }

  get log(): string {
    const errors = this.#program === undefined ? '' : join(this.#program.dir, 'errors.log')
    return `${this.#program?.output.slice(-2_000) ?? ''}${existsSync(errors) ? readFileSync(errors, 'utf8') : ''}`
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch)
    await this.#end()
    this.#stream.close()
  }

  #values(): ScenarioValues {
    const { user, password = '', server, realm = server.host } = this.#options
    return { user, password, realm, mediaPort: this.#stream.port }
  }

  async #register(): Promise<void> {
    await this.#run(registerScenario(this.#values()))
    const code = await this.#program?.ended(10_000)
    if (code !== 0) throw new Error(`SIPp was not registered:\n${this.log}`)
    await this.#program?.stop()
  }

  async #run(script: string, limit = { calls: 1 }): Promise<void> {
    const program = new Program('sipp')
    const { server } = this.#options
    this.#controlPort = await freeUdpPorts()
    writeFileSync(join(program.dir, 'script.xml'), script)
    const logs = ['-trace_logs', '-log_file', 'noted.log', '-trace_err', '-error_file', 'errors.log']
    const at = ['-i', '127.0.0.1', '-p', String(this.#port), '-cp', String(this.#controlPort)]
    program.start('sipp', [`${server.host}:${server.port}`, '-sf', 'script.xml', '-m', String(limit.calls), '-nostdin', ...at, ...logs])
    this.#program = program
    this.#aimedAt = 0
    await eventually('SIPp listens', async () => program.exitCode !== undefined || !(await isFree(this.#port)))
  }

  async #end(): Promise<void> {
    const program = this.#program
    if (program === undefined) return
    this.#program = undefined
    this.#stream.paused = true
    if (program.exitCode === undefined) await datagram(this.#controlPort, 'Q')
    await program.ended(1_000).catch(() => {})
    await program.stop()
  }

  /** SIPp notes where the far end hears, and when a call is over; in between we speak there. */
  #aim(): void {
    const path = this.#program === undefined ? '' : join(this.#program.dir, 'noted.log')
    const noted = existsSync(path) ? readFileSync(path, 'utf8').matchAll(/media (\d+) (\S+)|over/g) : []
    const [, port = '0', callId = ''] = [...noted].at(-1) ?? []
    if (Number(port) === this.#aimedAt) return
    this.#aimedAt = Number(port)
    this.#callId = callId
    this.#stream.paused = this.#aimedAt === 0
    if (this.#aimedAt !== 0) this.#stream.aim({ host: '127.0.0.1', port: this.#aimedAt, law: 'PCMU', events: 101 })
  }
}

/** SIPp's control port takes datagrams of one key each. */
function datagram(port: number, text: string): Promise<void> {
  const socket = createSocket('udp4')
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.send(text, port, '127.0.0.1', () => socket.close(() => resolve()))
  return promise
}
