import { limits } from '../kernel/limits.ts'
import type { Log } from '../kernel/log.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Letter, OutboxInput, OutboxLog, OutboxOutput, OutboxRow, Parcel } from '../outbox/words.ts'
import { now, timerMs } from './clock.ts'

export interface Tried {
  readonly verdict: 'taken' | 'failed' | 'gone'
  readonly why: string
}

interface Parts<Content> {
  readonly outbox: Outbox<Content>
  readonly file: OutboxLog<Content>
  readonly send: (parcel: Parcel<Content>) => Promise<Tried>
  readonly delivered: (parcel: Parcel<Content>) => void
  readonly died: (letter: Letter<Content>) => void
  readonly lost: (parcel: Parcel<Content>, why: string) => void
  readonly gone: (receiver: string) => void
  readonly log: Log
}

/** The outbox with the world around it: a clock, a timer, sockets and a file. */
export class OutboxRunner<Content> {
  readonly #parts: Parts<Content>
  readonly #inputs: { readonly input: OutboxInput<Content>; readonly also: readonly OutboxRow<Content>[] }[] = []
  #timer: NodeJS.Timeout | undefined
  #isWorking = false
  #isClosing = false
  #underWay = 0
  #quiet: (() => void) | undefined

  constructor(parts: Parts<Content>) {
    this.#parts = parts
  }

  /** `also` is remembered together with what the input leads to. */
  handle(input: OutboxInput<Content>, also: readonly OutboxRow<Content>[] = []): void {
    this.#inputs.push({ input, also })
    if (this.#isWorking) return
    this.#isWorking = true
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#turn(next)
    } finally {
      this.#isWorking = false
    }
    this.#setTimer()
  }

  /** Nothing leaves any more; what is under way may still come to its end, for a moment. */
  async close(): Promise<void> {
    this.#isClosing = true
    clearTimeout(this.#timer)
    if (this.#underWay === 0) return
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, limits.outboxCloseMs)
      this.#quiet = () => {
        clearTimeout(patience)
        resolve()
      }
    })
  }

  #turn({ input, also }: { readonly input: OutboxInput<Content>; readonly also: readonly OutboxRow<Content>[] }): void {
    const outputs = this.#parts.outbox.handle(now(), input)
    this.#parts.file.append([...outputs.flatMap((output) => (output.kind === 'keep' ? [output.row] : [])), ...also])
    for (const output of outputs) this.#tell(output)
  }

  #tell(output: OutboxOutput<Content>): void {
    const { delivered, died, lost, gone } = this.#parts
    if (output.kind === 'send') this.#send(output.parcel)
    else if (output.kind === 'delivered') delivered(output.parcel)
    else if (output.kind === 'died') died(output.letter)
    else if (output.kind === 'lost') lost(output.parcel, output.why)
    else if (output.kind === 'gone') gone(output.receiver)
  }

  #send(parcel: Parcel<Content>): void {
    if (this.#isClosing) return
    this.#underWay += 1
    const failed = (error: unknown): Tried => {
      this.#parts.log.error({ err: error, letter: parcel.id }, 'bug: a delivery broke')
      return { verdict: 'failed', why: 'an unexpected fault in the server' }
    }
    void this.#parts
      .send(parcel)
      .catch(failed)
      .then((tried) => {
        this.#underWay -= 1
        this.handle({ kind: 'tried', id: parcel.id, ...tried })
        if (this.#underWay === 0) this.#quiet?.()
      })
  }

  #setTimer(): void {
    clearTimeout(this.#timer)
    const due = this.#parts.outbox.deadline()
    if (due === undefined || this.#isClosing) return
    this.#timer = setTimeout(() => this.handle({ kind: 'wake' }), timerMs(due))
    this.#timer.unref()
  }
}
