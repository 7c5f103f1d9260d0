import { type Refusal, refusal } from '../call/refusal.ts'
import type { LineDoor, LineFailure } from '../engine/port.ts'
import { unreachable } from '../kernel/assert.ts'
import type { LineId, RequestId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Caller } from './command.ts'
import { type DescribedLine, type LineDesk, type LineView, ownerOf } from './line-words.ts'
import { type LineEvent, type LineWork, unknownLine } from './line-work.ts'

interface Parts {
  readonly lines: LineWork
  readonly engine: LineDoor
  readonly nextRequest: () => RequestId
}

interface Waiting {
  readonly caller: Caller
  /** Of a line that does not exist yet. */
  readonly isNew: boolean
  readonly resolve: (outcome: Outcome<DescribedLine, Refusal>) => void
}

/** The desk's lines with promises: the engine answers each order once. */
export class OpenLines implements LineDesk {
  readonly #parts: Parts
  readonly #waiting = new Map<RequestId, Waiting>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  open(caller: Caller, { offer, label }: { readonly offer: string; readonly label?: string }): Promise<Outcome<DescribedLine, Refusal>> {
    const refused = this.#hasRoom(caller)
    if (refused !== undefined) return Promise.resolve(fail(refused))
    const { account, user } = caller
    const named = { ...(user === undefined ? {} : { user }), ...(label === undefined ? {} : { label }) }
    const line = { line: this.#parts.lines.newName(), account, owner: ownerOf(caller), ...named }
    return this.#ask({ caller, isNew: true }, (request) => this.#parts.engine.open(request, line, offer))
  }

  #hasRoom(caller: Caller): Refusal | undefined {
    const { lines } = this.#parts
    const [account, owner] = [caller.account, ownerOf(caller)]
    const opening = [...this.#waiting.values()].filter(({ isNew, caller: other }) => isNew && other.account === account)
    const own = opening.filter(({ caller: other }) => ownerOf(other) === owner)
    if (lines.count(account, owner) + own.length >= limits.linesPerOwner)
      return refusal('capacity-exceeded', { why: `You have ${limits.linesPerOwner} lines already.` })
    const isFull = lines.count(account) + opening.length >= limits.linesPerAccount
    return isFull ? refusal('capacity-exceeded', { why: `The account has ${limits.linesPerAccount} lines already.` }) : undefined
  }

  renew(caller: Caller, id: LineId, offer: string): Promise<Outcome<DescribedLine, Refusal>> {
    if (!this.#parts.lines.isHis(caller, id)) return Promise.resolve(fail(unknownLine()))
    return this.#ask({ caller, isNew: false }, (request) => this.#parts.engine.renew(request, id, offer))
  }

  #ask(asked: Omit<Waiting, 'resolve'>, order: (request: RequestId) => void): Promise<Outcome<DescribedLine, Refusal>> {
    const request = this.#parts.nextRequest()
    return new Promise((resolve) => {
      this.#waiting.set(request, { ...asked, resolve })
      order(request)
    })
  }

  /** The engine tells of the end before this returns, or right after. */
  close(caller: Caller, id: LineId): Promise<Outcome<LineView, Refusal>> {
    const line = this.get(caller, id)
    if (line === undefined) return Promise.resolve(fail(unknownLine()))
    this.#parts.engine.close(id)
    const { supervision: _, call: __, ...rest } = line
    return Promise.resolve(ok({ ...rest, state: 'closed' }))
  }

  /** After a restart, which is when the configuration changes. */
  closeOrphans(): void {
    for (const line of this.#parts.lines.orphans()) this.#parts.engine.close(line)
  }

  list(caller: Caller): readonly LineView[] {
    return this.#parts.lines.list(caller)
  }

  get(caller: Caller, id: LineId): LineView | undefined {
    return this.#parts.lines.get(caller, id)
  }

  /** After the desk has worked it. */
  told(event: LineEvent): void {
    if (event.kind === 'line-state') return
    const waiting = this.#waiting.get(event.request)
    this.#waiting.delete(event.request)
    if (event.kind === 'line-failed') waiting?.resolve(fail(failureOf(event.because)))
    else waiting?.resolve(ok({ line: this.#parts.lines.viewOf(event.line), answer: event.answer }))
  }
}

function failureOf(because: LineFailure): Refusal {
  switch (because) {
    case 'offer':
      return refusal('parameter-invalid', {
        name: 'offer',
        why: 'The offer must be a whole session description of WebRTC audio with PCMU or PCMA, its candidates included.',
      })
    case 'unknown':
      return unknownLine()
    case 'busy':
      return refusal('wrong-state', { why: 'Another offer of this line is being answered.' })
    case 'media':
      return refusal('engine-failed', { why: 'The connection could not be made; try again.' })
    default:
      return unreachable(because)
  }
}
