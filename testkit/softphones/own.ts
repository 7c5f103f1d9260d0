/** The testkit's own phone behind the same handle as the real ones. */
import { Phone } from '../phone.ts'
import { eventually, soon } from '../phone-wait.ts'
import type { Softphone, SoftphoneOptions } from './softphone.ts'

export class OwnPhone implements Softphone {
  readonly name = 'testkit'
  readonly lagMs = 0
  readonly tone: number
  readonly phone: Phone

  private constructor(phone: Phone, hz: number) {
    this.phone = phone
    this.tone = hz
  }

  static async start(options: SoftphoneOptions): Promise<OwnPhone> {
    const { port, autoAnswer = true, ...rest } = options
    const listen = port === undefined ? {} : { listen: { host: options.server.host, port } }
    const phone = await Phone.start({ ...rest, ...listen, autoAnswer })
    if (options.password !== undefined) await phone.register()
    return new OwnPhone(phone, options.tone)
  }

  get uri(): string {
    return this.phone.uri
  }

  async call(number: string): Promise<void> {
    await this.phone.call(number)
  }

  async answer(): Promise<void> {
    this.phone.answer()
  }

  hangUp(): Promise<void> {
    return this.phone.hangUp()
  }

  hold(): Promise<void> {
    return this.phone.line.hold()
  }

  resume(): Promise<void> {
    return this.phone.line.resume()
  }

  async transfer(number: string): Promise<void> {
    const status = await soon(this.phone.line.transfer(number), `the transfer to ${number}`, 15_000)
    if (status !== 200) throw new Error(`the transfer to ${number} failed: ${status}`)
  }

  async inCall(): Promise<boolean> {
    return this.phone.lines.some((line) => line.state === 'connected')
  }

  async tones(windowMs = 100): Promise<readonly number[]> {
    return this.phone.lines.at(-1)?.heard.tones(windowMs) ?? []
  }

  async stop(): Promise<void> {
    await this.phone.stop()
  }
}

/** Waits until a phone is in a call, or out of it. */
export const untilInCall = (phone: Softphone, wanted = true): Promise<true> =>
  eventually(`${phone.name} ${wanted ? 'is' : 'is no longer'} in a call`, async () => (await phone.inCall()) === wanted, 8_000)
