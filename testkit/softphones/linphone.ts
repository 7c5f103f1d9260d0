/** Debian's linphonec with files for microphone and loudspeaker, typed at as a person would. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../phone-wait.ts'
import { sampleRate, sine } from '../voice.ts'
import { writeWav } from '../voice-wav.ts'
import { freeUdpPorts, Program } from './program.ts'
import { newestFile, tonesAtEnd } from './recording.ts'
import type { Softphone, SoftphoneOptions } from './softphone.ts'

const spokenSeconds = 600

export class Linphone implements Softphone {
  readonly name = 'linphone'
  readonly tone: number
  readonly lagMs = 900
  readonly uri: string
  readonly #program: Program
  readonly #options: SoftphoneOptions

  private constructor(program: Program, options: SoftphoneOptions, port: number) {
    this.#program = program
    this.#options = options
    this.tone = options.tone
    this.uri = `sip:${options.user}@127.0.0.1:${port}`
  }

  static async start(options: SoftphoneOptions): Promise<Linphone> {
    const program = new Program('linphone')
    try {
      return await Linphone.#startIn(program, options)
    } catch (error) {
      await program.stop()
      throw error
    }
  }

  static async #startIn(program: Program, options: SoftphoneOptions): Promise<Linphone> {
    const port = options.port ?? (await freeUdpPorts(1))
    const mediaPort = await freeUdpPorts(20)
    // Its database lives here, and it makes no folders.
    mkdirSync(join(program.dir, '.local/share/linphone'), { recursive: true })
    writeFileSync(join(program.dir, 'tone.wav'), writeWav({ rate: sampleRate, samples: sine(options.tone, { seconds: spokenSeconds }) }))
    writeFileSync(join(program.dir, 'rc'), settings(options, { port, mediaPort }))
    // It reads commands from a terminal only; `script` is one.
    program.start('script', ['-qfec', `linphonec -c ${join(program.dir, 'rc')}${options.autoAnswer === false ? '' : ' -a'}`, '/dev/null'], {
      TERM: 'dumb',
    })
    const phone = new Linphone(program, options, port)
    await program.says(/linphonec> /)
    await phone.#type('soundcard use files')
    await phone.#type('play tone.wav')
    await phone.#type('record heard.wav')
    const isRegistered = async () => (await phone.#type('status register')).includes('registered, identity=')
    if (options.password !== undefined) await eventually('linphone is registered', isRegistered, 10_000)
    return phone
  }

  async call(number: string): Promise<void> {
    await this.#type(`call ${this.#address(number)}`)
  }

  async answer(): Promise<void> {
    await this.#type('answer')
  }

  async hangUp(): Promise<void> {
    await this.#type('terminate')
  }

  async hold(): Promise<void> {
    await this.#type('pause')
  }

  async resume(): Promise<void> {
    await this.#type('resume')
  }

  async transfer(number: string): Promise<void> {
    const id = /\n\s*(\d+)\s+\|/.exec(await this.#type('calls'))?.[1]
    await this.#type(`transfer ${id} ${this.#address(number)}`)
  }

  async inCall(): Promise<boolean> {
    return /StreamsRunning|Paused/.test(await this.#type('calls'))
  }

  async tones(windowMs = 200): Promise<readonly number[]> {
    return tonesAtEnd(newestFile(this.#program.dir, /^heard.*\.wav$/), windowMs)
  }

  get log(): string {
    return this.#program.output
  }

  async stop(): Promise<void> {
    this.#program.type('quit')
    await this.#program.ended(3_000).catch(() => {})
    await this.#program.stop()
  }

  /** What it answers. The terminal echoes the command; the prompt behind that says that it is done. */
  async #type(command: string): Promise<string> {
    const before = this.#program.output.length
    this.#program.type(command)
    const echoed = command.replace(/[^\w ]/g, '\\$&')
    const [answer] = await this.#program.says(new RegExp(`${echoed}[\\s\\S]*?linphonec> `), 10_000, before)
    return answer
  }

  #address(number: string): string {
    const { realm, server } = this.#options
    return /^sips?:/.test(number) ? number : `sip:${number}@${realm ?? `${server.host}:${server.port}`}`
  }
}

function settings(options: SoftphoneOptions, at: { readonly port: number; readonly mediaPort: number }): string {
  return `[sip]
sip_port=${options.secure === true ? 0 : at.port}
sip_tcp_port=0
sip_tls_port=${options.secure === true ? -1 : 0}
verify_server_certs=0
verify_server_cn=0
media_encryption=${options.secure === true ? 'srtp' : 'none'}
media_encryption_mandatory=${options.secure === true ? 1 : 0}
bind_address=127.0.0.1
register_only_when_network_is_up=0
default_proxy=0
use_ipv6=0
guess_hostname=0
contact=sip:${options.user}@127.0.0.1
inc_timeout=120
[rtp]
audio_rtp_port=${at.mediaPort}-${at.mediaPort + 19}
bind_address=127.0.0.1
audio_jitt_comp=40
[sound]
echocancellation=0
agc=0
noisegate=0
[audio_codec_0]
mime=PCMU
rate=8000
channels=1
enabled=1
[audio_codec_1]
mime=PCMA
rate=8000
channels=1
enabled=1
[misc]
history_max_size=0
${options.password === undefined ? '' : account(options, options.password)}`
}

function account({ user, server, realm = server.host, secure = false }: SoftphoneOptions, password: string): string {
  const proxy = `sip:${server.host}:${server.port};transport=${secure ? 'tls' : 'udp'}`
  return `[proxy_0]
reg_proxy=<${proxy}>
reg_route=<${proxy};lr>
reg_identity=sip:${user}@${realm}
reg_expires=300
reg_sendregister=1
[auth_info_0]
username=${user}
passwd=${password}
domain=${realm}
`
}
