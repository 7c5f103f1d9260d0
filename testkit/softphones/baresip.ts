/** Debian's baresip without a screen or a sound card: it plays a file, writes what it hears to another, and obeys over TCP. */
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { eventually } from '../phone-wait.ts'
import { sampleRate, sine } from '../voice.ts'
import { writeWav } from '../voice-wav.ts'
import { freeTcpPort, freeUdpPorts, Program } from './program.ts'
import { newestFile, tonesAtEnd } from './recording.ts'
import type { Softphone, SoftphoneOptions } from './softphone.ts'

/** The module reads the whole file; when it is at its end the phone goes quiet, so it outlasts any test. */
const spokenSeconds = 600

/** `stdio.so` is left out on purpose: it ends when standard input is closed. Accounts name codecs, so they come last. */
const modules = ['g711.so', 'aufile.so', 'aubridge.so', 'sndfile.so', 'ctrl_tcp.so']
const applications = ['account.so', 'menu.so']

interface Answer {
  readonly response: true
  readonly ok: boolean
  readonly data?: string
}

interface Happening {
  readonly event: true
  readonly type: string
  readonly param?: string
}

export class Baresip implements Softphone {
  readonly name = 'baresip'
  readonly tone: number
  readonly lagMs = 150
  readonly uri: string
  readonly events: Happening[] = []
  readonly #program: Program
  readonly #control: Socket
  readonly #options: SoftphoneOptions
  #answers: ((answer: Answer) => void)[] = []

  private constructor(program: Program, options: SoftphoneOptions, at: { readonly control: Socket; readonly port: number }) {
    this.#program = program
    this.#options = options
    this.#control = at.control
    this.tone = options.tone
    this.uri = `sip:${options.user}@127.0.0.1:${at.port}`
    readNetstrings(at.control, (text) => this.#hear(JSON.parse(text)))
  }

  static async start(options: SoftphoneOptions): Promise<Baresip> {
    const program = new Program('baresip')
    try {
      return await Baresip.#startIn(program, options)
    } catch (error) {
      await program.stop()
      throw error
    }
  }

  static async #startIn(program: Program, options: SoftphoneOptions): Promise<Baresip> {
    // Its TLS listener takes the port above, and says so only in a log.
    const port = options.port ?? (await freeUdpPorts(1))
    const controlPort = await freeTcpPort()
    writeFileSync(join(program.dir, 'tone.wav'), writeWav({ rate: sampleRate, samples: sine(options.tone, { seconds: spokenSeconds }) }))
    writeFileSync(join(program.dir, 'config'), config({ dir: program.dir, port, controlPort, secure: options.secure === true }))
    writeFileSync(join(program.dir, 'accounts'), account(options, port))
    writeFileSync(join(program.dir, 'contacts'), '')
    program.start('baresip', ['-4', '-v', '-f', program.dir])
    await program.says(/baresip is ready/)
    const phone = new Baresip(program, options, { control: await dial(controlPort), port })
    if (options.password !== undefined) await program.says(/200 OK .*\[1 binding/)
    return phone
  }

  async call(number: string): Promise<void> {
    await this.#command('dial', /^sips?:/.test(number) ? number : `sip:${number}@${realmOf(this.#options)}`)
  }

  answer(): Promise<void> {
    return this.#command('accept')
  }

  hangUp(): Promise<void> {
    return this.#command('hangup')
  }

  hold(): Promise<void> {
    return this.#command('hold')
  }

  resume(): Promise<void> {
    return this.#command('resume')
  }

  transfer(number: string): Promise<void> {
    return this.#command('transfer', /^sips?:/.test(number) ? number : `sip:${number}@${realmOf(this.#options)}`)
  }

  async inCall(): Promise<boolean> {
    const established = this.events.filter((e) => e.type === 'CALL_ESTABLISHED').length
    return established > this.events.filter((e) => e.type === 'CALL_CLOSED').length
  }

  async tones(windowMs = 200): Promise<readonly number[]> {
    return tonesAtEnd(newestFile(this.#program.dir, /dump-.*-dec\.wav$/), windowMs)
  }

  /** What it has logged, for a test that failed. */
  get log(): string {
    return this.#program.output
  }

  async stop(): Promise<void> {
    await this.#command('quit').catch(() => {})
    this.#control.destroy()
    await this.#program.stop()
  }

  #command(command: string, params = ''): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#answers.push((answer) => (answer.ok ? resolve() : reject(new Error(`baresip ${command} ${params}: ${answer.data}`))))
    const text = JSON.stringify({ command, params })
    this.#control.write(`${Buffer.byteLength(text)}:${text},`)
    return promise
  }

  #hear(message: Answer | Happening): void {
    if ('response' in message) this.#answers.shift()?.(message)
    else this.events.push(message)
  }
}

const realmOf = (options: SoftphoneOptions): string => options.realm ?? `${options.server.host}:${options.server.port}`

interface Place {
  readonly dir: string
  readonly port: number
  readonly controlPort: number
  readonly secure: boolean
}

function config({ dir, port, controlPort, secure }: Place): string {
  const lines = [
    'poll_method epoll',
    `sip_listen 127.0.0.1:${port}`,
    'call_max_calls 4',
    'call_local_timeout 60',
    `audio_source aufile,${join(dir, 'tone.wav')}`,
    'audio_player aubridge,heard',
    `audio_alert aubridge,alert`,
    'ausrc_srate 8000',
    'auplay_srate 8000',
    'ausrc_channels 1',
    'auplay_channels 1',
    'audio_level no',
    'net_interface 127.0.0.1',
    'jitter_buffer_delay 1-5',
    `snd_path ${dir}`,
    `ctrl_tcp_listen 127.0.0.1:${controlPort}`,
    'module_path /usr/lib/baresip/modules',
    ...[...modules, ...(secure ? ['srtp.so'] : [])].map((name) => `module ${name}`),
    ...applications.map((name) => `module_app ${name}`),
  ]
  return `${lines.join('\n')}\n`
}

function account(options: SoftphoneOptions, port: number): string {
  const { user, password, server, autoAnswer = true, secure = false } = options
  const transport = secure ? 'tls' : 'udp'
  const host = options.password === undefined ? `127.0.0.1:${port}` : realmOf(options)
  const params = [
    `outbound="sip:${server.host}:${server.port};transport=${transport}"`,
    `auth_user=${user}`,
    // Without one it asks at the terminal.
    `auth_pass=${password ?? 'none'}`,
    `regint=${password === undefined ? 0 : 300}`,
    `answermode=${autoAnswer ? 'auto' : 'manual'}`,
    'audio_codecs=pcmu/8000/1,pcma/8000/1',
    ...(secure ? ['mediaenc=srtp-mand'] : []),
  ]
  const own = password === undefined ? params.filter((p) => !p.startsWith('outbound')) : params
  return `<sip:${user}@${host};transport=${transport}>;${own.join(';')}\n`
}

async function dial(port: number): Promise<Socket> {
  const attempt = () => {
    const { promise, resolve } = Promise.withResolvers<Socket | undefined>()
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => resolve(socket))
    return promise
  }
  const socket = await eventually('baresip listens for commands', attempt)
  socket.on('error', () => {})
  return socket
}

/** `length:text,` one after another. */
function readNetstrings(socket: Socket, take: (text: string) => void): void {
  let waiting = Buffer.alloc(0)
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes])
    for (;;) {
      const colon = waiting.indexOf(':')
      const end = colon + 1 + Number(waiting.toString('latin1', 0, colon))
      if (colon < 0 || waiting.length <= end) return
      take(waiting.toString('utf8', colon + 1, end))
      waiting = waiting.subarray(end + 1)
    }
  })
}
