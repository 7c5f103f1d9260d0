/** The active media process's end of the line to its standby: orders as they come, and every leg's numbers many times a second. */
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Instant } from '../kernel/time.ts'
import type { MediaEngine } from '../media/engine.ts'
import type { Leg } from '../media/leg.ts'
import { Legacy, legacyAt } from '../media/legacy.ts'
import { frameHeadBytes, legBytes, type Told, toldFrame, writeNumbersHead } from './legacy-frames.ts'

/** A frame of no numbers. */
const nothing = Buffer.alloc(frameHeadBytes)
writeNumbersHead(nothing, 0)

/** Legs in one frame: a quarter of what a socket takes without waiting. */
const legsPerFrame = 96

export interface SuccessorOptions {
  readonly path: string
  readonly engine: MediaEngine
  readonly tickMs: number
  readonly held: () => Told
  readonly log: Log
}

export class Successor {
  readonly #options: SuccessorOptions
  readonly #server: Server
  readonly #frame = Buffer.alloc(frameHeadBytes + legsPerFrame * legBytes)
  readonly #numbers = new Float64Array(this.#frame.buffer, this.#frame.byteOffset + frameHeadBytes, (legsPerFrame * legBytes) / 8)
  readonly #legacy = new Legacy(this.#numbers)
  readonly #turns: number
  #turn = 0
  #line: Socket | undefined
  /** Since when the kernel has not taken all that was said. */
  #behindSince: Instant | undefined

  constructor(options: SuccessorOptions) {
    this.#options = options
    this.#turns = Math.max(1, Math.round(limits.standbyRoundMs / options.tickMs))
    this.#server = createServer((line) => this.#attach(line))
  }

  listen(): Promise<void> {
    rmSync(this.#options.path, { force: true })
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ path: this.#options.path }, resolve)
    })
  }

  get isThere(): boolean {
    return this.#line !== undefined
  }

  tell(told: Told): void {
    const line = this.#line
    if (line === undefined) return
    line.write(toldFrame(told))
    if (line.writableLength > limits.mediaEventBacklogBytes) this.#cutOff(line)
  }

  /**
   * When all that was told would reach the standby even if this process died right then. As a rule that is at once; a standby that does
   * not read is cut off before anybody loses patience.
   */
  whenTold(then: () => void): void {
    const line = this.#line
    if (line === undefined || line.writableLength === 0) return then()
    line.write(nothing, () => then())
  }

  /** At every tick some of the legs; a frame without any says at least that we live. */
  tick(at: Instant): void {
    const line = this.#line
    if (line === undefined || this.#isBehind(at, line)) return
    this.#turn = (this.#turn + 1) % this.#turns
    const slots = this.#options.engine.legs.all.length
    let legs = 0
    for (let slot = this.#turn; slot < slots && line.writableLength === 0; slot += this.#turns) {
      const leg = this.#options.engine.legs.at(slot)
      if (leg?.media === undefined) continue
      this.#save(at, leg, legs++)
      if (legs === legsPerFrame) legs = this.#send(line, legs)
    }
    if (line.writableLength === 0) this.#send(line, legs)
  }

  /** A leg has used up the numbers that a successor would leave out. */
  tellNow(at: Instant, leg: Leg): void {
    const line = this.#line
    if (line === undefined || line.writableLength > 0) return
    this.#save(at, leg, 0)
    this.#send(line, 1)
  }

  close(): void {
    this.tell({ kind: 'ended' })
    this.#server.close()
    this.#line?.end()
  }

  /** The one buffer must not change while the kernel has not taken it. */
  #isBehind(at: Instant, line: Socket): boolean {
    if (line.writableLength === 0) {
      this.#behindSince = undefined
      return false
    }
    this.#behindSince ??= at
    if (at - this.#behindSince > limits.standbyBehindMs) this.#cutOff(line)
    return true
  }

  /** It comes back when it can read again, and is told everything anew. */
  #cutOff(line: Socket): void {
    this.#options.log.error({}, 'the standby does not read')
    this.#behindSince = undefined
    line.destroy()
  }

  #save(at: Instant, leg: Leg, index: number): void {
    const begin = (index * legBytes) / 8
    this.#numbers[begin + legacyAt.slot] = leg.slot
    this.#numbers[begin + legacyAt.savedAt] = at
    leg.save(this.#legacy.begin(this.#numbers, begin + legacyAt.first))
  }

  #send(line: Socket, legs: number): 0 {
    writeNumbersHead(this.#frame, legs * legBytes)
    line.write(this.#frame.subarray(0, frameHeadBytes + legs * legBytes))
    return 0
  }

  /** The newest counts. */
  #attach(line: Socket): void {
    this.#line?.destroy()
    this.#line = line
    this.#behindSince = undefined
    line.on('error', (error) => this.#options.log.debug({ error: error.message }, 'line to the standby'))
    line.resume()
    line.once('close', () => {
      if (this.#line === line) this.#line = undefined
    })
    this.tell(this.#options.held())
  }
}
