/** The other end of hand-over.ts: the Sotto that is running, as the newer one sees it. */
import type { Socket } from 'node:net'
import { handoverForm } from '../kernel/launch.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Answer, Ask } from './hand-over.ts'
import { hearLines, sayLine } from './json-lines.ts'
import { reach, type Tenant } from './tenancy.ts'

/** An answer needs the end of one process. */
const answerMs = 10_000

export class Predecessor {
  readonly tenant: Tenant
  readonly #socket: Socket
  readonly #waiting: ((answer: Answer | undefined) => void)[] = []
  /** Of its media process, which goes on there. */
  #mediaSocket = ''

  private constructor(tenant: Tenant, socket: Socket) {
    this.tenant = tenant
    this.#socket = socket
    hearLines(socket, (word) => this.#waiting.shift()?.(word as Answer))
    socket.once('close', () => {
      for (const waiting of this.#waiting.splice(0)) waiting(undefined)
    })
  }

  /** From then on it has no standby, and goes on as before until `yields`. */
  static async ask(tenant: Tenant, version: string): Promise<Outcome<Predecessor, string>> {
    const socket = await reach(tenant.socket)
    if (socket === undefined) return fail('it has just ended')
    const predecessor = new Predecessor(tenant, socket)
    const offer = await predecessor.#ask({ kind: 'take-over', version, form: handoverForm })
    if (offer?.kind !== 'offer') return fail(offer?.kind === 'refused' ? offer.why : 'it does not answer')
    predecessor.#mediaSocket = offer.mediaSocket
    return ok(predecessor)
  }

  get mediaSocket(): string {
    return this.#mediaSocket
  }

  /** Its control has ended: true. */
  async yields(): Promise<boolean> {
    return (await this.#ask({ kind: 'yield' }))?.kind === 'yours'
  }

  started(control: number): void {
    sayLine(this.#socket, { kind: 'started', control } satisfies Ask)
  }

  /** It ends; resolves when it has. */
  async done(): Promise<void> {
    sayLine(this.#socket, { kind: 'done' } satisfies Ask)
    await this.#answer()
  }

  #ask(ask: Ask): Promise<Answer | undefined> {
    sayLine(this.#socket, ask)
    return this.#answer()
  }

  #answer(): Promise<Answer | undefined> {
    if (this.#socket.destroyed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      const patience = setTimeout(() => resolve(undefined), answerMs)
      this.#waiting.push((answer) => {
        clearTimeout(patience)
        resolve(answer)
      })
    })
  }
}
