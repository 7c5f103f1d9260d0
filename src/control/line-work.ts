import { type Call, isEnded, partyOf } from '../call/call.ts'
import type { LineEndpoint } from '../call/endpoint.ts'
import type { Command, Input } from '../call/input.ts'
import { isLive, type Party } from '../call/party.ts'
import { type Refusal, refusal } from '../call/refusal.ts'
import { step } from '../call/step.ts'
import { isOpen, type Mode } from '../call/supervision.ts'
import type { Directory } from '../directory/directory.ts'
import type { Extension } from '../directory/people.ts'
import type { EngineEvent, EngineLine } from '../engine/port.ts'
import { sameJson } from '../kernel/change.ts'
import { type AccountId, type LineId, lineId } from '../kernel/ids.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Random } from '../kernel/random.ts'
import type { CallTable } from './call-table.ts'
import type { Caller } from './command.ts'
import { type LineView, ownerOf } from './line-words.ts'
import { maySupervise } from './may-supervise.ts'
import type { Turn } from './turn.ts'

interface Parts {
  readonly table: CallTable
  readonly directory: Directory
  readonly turn: Turn
  readonly random: Random
  readonly apply: (call: Call, input: Input) => unknown
  readonly tell: (told: { readonly account: AccountId; readonly line: LineView }) => void
}

type Supervise = Extract<Command, { kind: 'supervise' }>
export type LineEvent = Extract<EngineEvent, { kind: 'line-opened' | 'line-failed' | 'line-state' }>

/** Lines as the engine tells of them, who may use them, and what moving one from call to call means. */
export class LineWork {
  readonly #parts: Parts
  readonly #lines = new Map<LineId, EngineLine>()
  /** As they were told last. */
  readonly #told = new Map<LineId, LineView>()
  readonly #touched = new Set<LineId>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** After a restart: what goes on is no news. */
  restored(lines: readonly EngineLine[] = []): void {
    for (const line of lines) {
      this.#lines.set(line.line, line)
      this.#told.set(line.line, this.#view(line))
    }
  }

  /** Of people whom the configuration has no more, or who may not supervise any more: what they opened before goes on for nobody. */
  orphans(): readonly LineId[] {
    return [...this.#lines.values()]
      .filter(({ account, user }) => user !== undefined && !this.#maySupervise(account, user))
      .map((l) => l.line)
  }

  #maySupervise(account: AccountId, id: string): boolean {
    const user = this.#parts.directory.user(account, id)
    return user !== undefined && maySupervise({ account, role: user.role }).ok
  }

  engine(event: LineEvent): void {
    if (event.kind === 'line-failed') return
    this.#lines.set(event.line.line, event.line)
    this.#touched.add(event.line.line)
  }

  /** What a change of a call means for the lines in it. */
  changed(call: Call): void {
    for (const { endpoint } of call.parties) if (endpoint.kind === 'line') this.#touched.add(endpoint.line)
  }

  /** One word on each line, however much an input has changed. */
  afterInput(): void {
    for (const id of this.#touched) {
      const line = this.#lines.get(id)
      if (line !== undefined) this.#tell(line)
    }
    this.#touched.clear()
  }

  #tell(line: EngineLine): void {
    const told = this.#told.get(line.line)
    const view = this.#view(line)
    if (told === undefined || !sameJson(told, view)) this.#parts.tell({ account: line.account, line: view })
    this.#told.set(line.line, view)
    if (line.state !== 'closed') return
    this.#told.delete(line.line)
    this.#lines.delete(line.line)
  }

  newName(): LineId {
    return lineId(`n_${this.#parts.random.hex(10)}`)
  }

  /** How many there are: of the account, and of one owner. */
  count(account: AccountId, owner?: string): number {
    let count = 0
    for (const line of this.#lines.values()) if (line.account === account && (owner === undefined || line.owner === owner)) count += 1
    return count
  }

  list(caller: Caller): readonly LineView[] {
    return [...this.#lines.values()].filter((line) => isHis(line, caller)).map((line) => this.#view(line))
  }

  get(caller: Caller, id: LineId): LineView | undefined {
    const line = this.#lines.get(id)
    return line !== undefined && isHis(line, caller) ? this.#view(line) : undefined
  }

  /** Also where the call was not told of its last change yet. */
  viewOf(line: EngineLine): LineView {
    return this.#view(line)
  }

  #view({ line, account, owner, user, label, state, createdAt }: EngineLine): LineView {
    const place = this.#placeOf(account, line)
    return {
      ...{ id: line, state, createdAt, owner },
      ...(label === undefined ? {} : { label }),
      ...(user === undefined ? {} : { user }),
      ...(place?.supervision === undefined ? {} : { supervision: place.supervision.id }),
      ...(place === undefined ? {} : { call: place.call.id }),
    }
  }

  #placeOf(account: AccountId, line: LineId) {
    const id = this.#parts.table.ofLine(account, line)
    const call = id === undefined ? undefined : this.#parts.table.get(id)
    const party = call?.parties.find((p) => isLive(p) && isOfLine(p, line))
    if (call === undefined || party === undefined) return undefined
    return { call, party, supervision: call.supervisions.find((s) => isOpen(s) && s.party === party.id) }
  }

  /** The caller's own line, as somebody who can take part in a call. */
  endpoint(caller: Caller, id: LineId): Outcome<LineEndpoint, Refusal> {
    const line = this.#lines.get(id)
    if (line === undefined || !isHis(line, caller)) return fail(unknownLine())
    if (line.state === 'lost') return fail(refusal('endpoint-unavailable', { why: 'The connection of the line is lost; renew it.' }))
    const { account, user, label } = line
    const person = user === undefined ? undefined : this.#parts.directory.user(account, user)
    const [phone] = this.phones(line)
    const agent = phone && this.#parts.directory.agentOfExtension(account, phone.number)
    const name = person?.name ?? label
    return ok({
      ...{ kind: 'line', account, line: id, mayBeMonitored: phone?.mayBeMonitored ?? false },
      ...(user === undefined ? {} : { user }),
      ...(phone === undefined ? {} : { extension: phone.number }),
      ...(agent === undefined ? {} : { agent: agent.id }),
      ...(name === undefined ? {} : { name }),
    })
  }

  /** Those of the user who opened it, if one did. */
  phones({ account, user }: Pick<LineEndpoint, 'account' | 'user'> & { readonly user?: string }): readonly Extension[] {
    const numbers = user === undefined ? [] : (this.#parts.directory.user(account, user)?.extensions ?? [])
    return numbers.map((number) => this.#parts.directory.extension(account, number)).filter((extension) => extension !== undefined)
  }

  /** As with a phone: whoever has phones may use the modes that one of them permits. Who has none is asked for his role only. */
  mayUseMode(line: Pick<LineEndpoint, 'account' | 'user'>, mode: Mode): Outcome<true, Refusal> {
    const verdicts = this.phones(line).map((phone) => this.#parts.directory.mayUseMode(phone, mode))
    return verdicts.find(({ ok: may }) => may) ?? verdicts[0] ?? ok(true)
  }

  isHis(caller: Caller, id: LineId): boolean {
    const line = this.#lines.get(id)
    return line !== undefined && isHis(line, caller)
  }

  /** Whether another line of the same owner supervises the call: he would hear it twice. */
  listensAlready(call: Call, id: LineId): boolean {
    const owner = this.#lines.get(id)?.owner
    return call.supervisions.filter(isOpen).some(({ party }) => {
      const endpoint = partyOf(call, party)?.endpoint
      return endpoint?.kind === 'line' && endpoint.line !== id && this.#lines.get(endpoint.line)?.owner === owner
    })
  }

  /** Leaves the call that the line supervises now, if that is another one, and if the new one takes it. */
  leaveFor(call: Call, command: Supervise): Refusal | undefined {
    const { supervisor } = command
    if (supervisor.kind !== 'line') return undefined
    const place = this.#placeOf(call.account, supervisor.line)
    if (place === undefined || place.call.id === call.id || isEnded(place.call)) return undefined
    if (place.supervision === undefined) return refusal('endpoint-busy', { why: 'The line has taken another call over; leave that first.' })
    const trial = step(call, this.#parts.turn.at, command)
    if (!trial.ok) return trial.error
    const { by } = command
    const leave = { kind: 'end-supervision', supervision: place.supervision.id, reason: 'moved' } as const
    this.#parts.apply(place.call, by === undefined ? leave : { ...leave, by })
    return undefined
  }
}

export const unknownLine = (): Refusal => refusal('resource-unknown', { name: 'line', why: 'There is no such line.' })

const isHis = (line: EngineLine, caller: Caller): boolean => line.account === caller.account && line.owner === ownerOf(caller)

const isOfLine = ({ endpoint }: Party, line: LineId): boolean => endpoint.kind === 'line' && endpoint.line === line
