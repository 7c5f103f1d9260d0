/** The hearing matrix of every bridge, checked and turned into who takes whose packets. Default-deny: what no row names is not heard. */
import type { BridgeId, LegId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Instant } from '../kernel/time.ts'
import type { Prompt } from './announcing.ts'
import type { Leg } from './leg.ts'
import type { BridgeState, MediaOrder, Row } from './protocol.ts'
import type { Tones } from './tones.ts'

export type Rewire = Extract<MediaOrder, { readonly kind: 'rewire' }>
export type RewireResult = { readonly kind: 'done' } | { readonly kind: 'old' } | { readonly kind: 'refused'; readonly why: string }

interface Bridge {
  readonly id: BridgeId
  readonly account: string
  revision: number
  rows: readonly Row[]
  members: readonly Leg[]
  /** The lease lapsed and nobody has vouched for this bridge's supervisors since. */
  supervisorsCut: boolean
}

export class Matrix {
  readonly #legs: ReadonlyMap<LegId, Leg>
  readonly #tones: Tones
  readonly #bridges = new Map<BridgeId, Bridge>()
  readonly #beeps = new Map<BridgeId, Int16Array>()
  readonly #prompts = new Map<BridgeId, Prompt>()

  constructor(legs: ReadonlyMap<LegId, Leg>, tones: Tones) {
    this.#legs = legs
    this.#tones = tones
  }

  get size(): number {
    return this.#bridges.size
  }

  rewire(at: Instant, order: Rewire): RewireResult {
    const bridge = this.#bridges.get(order.bridge)
    if (bridge !== undefined && order.revision < bridge.revision) return { kind: 'old' }
    const why = this.#wrong(order, bridge)
    if (why !== undefined) return { kind: 'refused', why }
    this.#apply(at, order, bridge)
    return { kind: 'done' }
  }

  close(at: Instant, id: BridgeId): void {
    const bridge = this.#bridges.get(id)
    if (bridge === undefined) return
    this.#bridges.delete(id)
    this.#beeps.delete(id)
    this.#prompts.delete(id)
    for (const leg of bridge.members) this.#isolate(at, leg)
  }

  /** A leg leaves its bridge, if it has one: it is heard by nobody there and hears nobody. */
  remove(at: Instant, leg: Leg): void {
    const bridge = leg.bridge === undefined ? undefined : this.#bridges.get(leg.bridge)
    this.#isolate(at, leg)
    if (bridge === undefined) return
    bridge.members = bridge.members.filter((member) => member !== leg)
    bridge.rows = bridge.rows.filter((row) => row.listener !== leg.id).map((row) => withoutTalker(row, leg.id))
    this.#compile(at, bridge)
  }

  /** A loop that everybody in the conversation hears beside the others, but for who hears another tone or nobody. */
  setBeep(at: Instant, id: BridgeId, loop: Int16Array | undefined): void {
    if (this.#beeps.get(id) === loop) return
    if (loop === undefined) this.#beeps.delete(id)
    else this.#beeps.set(id, loop)
    const bridge = this.#bridges.get(id)
    if (bridge !== undefined) this.#compile(at, bridge)
  }

  /** Whom it is for hears it, be he on hold, in the conversation or alone. */
  setPrompt(at: Instant, id: BridgeId, prompt: Prompt | undefined): void {
    if (prompt !== undefined) this.#prompts.set(id, prompt)
    else if (!this.#prompts.delete(id)) return
    const bridge = this.#bridges.get(id)
    if (bridge !== undefined) this.#compile(at, bridge)
  }

  voiceChanged(at: Instant, leg: Leg): void {
    const bridge = leg.bridge === undefined ? undefined : this.#bridges.get(leg.bridge)
    if (bridge !== undefined) this.#compile(at, bridge)
  }

  cutSupervisors(at: Instant): void {
    for (const bridge of this.#bridges.values()) {
      bridge.supervisorsCut = true
      this.#compile(at, bridge)
    }
  }

  members(id: BridgeId): readonly Leg[] {
    return this.#bridges.get(id)?.members ?? []
  }

  revision(id: BridgeId): number {
    return this.#bridges.get(id)?.revision ?? 0
  }

  isCut(id: BridgeId): boolean {
    return this.#bridges.get(id)?.supervisorsCut ?? false
  }

  states(): BridgeState[] {
    return [...this.#bridges.values()].map(({ id, account, revision, rows }) => ({ bridge: id, account, revision, rows }))
  }

  #wrong(order: Rewire, bridge: Bridge | undefined): string | undefined {
    if (bridge !== undefined && bridge.account !== order.account) return 'the bridge belongs to another account'
    if (bridge === undefined && this.#bridges.size >= limits.mediaLegs) return 'too many bridges'
    if (order.rows.length > limits.mediaRowsPerBridge) return 'too many rows'
    if (new Set(order.rows.map((row) => row.listener)).size !== order.rows.length) return 'a listener has two rows'
    for (const row of order.rows) {
      const why = this.#wrongRow(row, order.account)
      if (why !== undefined) return why
    }
    return undefined
  }

  #wrongRow(row: Row, account: string): string | undefined {
    if (row.talkers.length > limits.mediaTalkersPerRow) return 'too many talkers in a row'
    if (row.talkers.includes(row.listener)) return `${row.listener} would hear itself`
    if (new Set(row.talkers).size !== row.talkers.length) return `${row.listener} would hear a talker twice`
    if (row.main !== undefined && !row.talkers.includes(row.main)) return `the main talker of ${row.listener} is none of its talkers`
    for (const id of [row.listener, ...row.talkers]) {
      const leg = this.#legs.get(id)
      if (leg === undefined) return `unknown leg ${id}`
      if (leg.account !== account) return `${id} belongs to another account`
    }
    return undefined
  }

  #apply(at: Instant, order: Rewire, known: Bridge | undefined): void {
    const { bridge: id, account, revision, rows } = order
    const bridge = known ?? { id, account, revision, rows, members: [], supervisorsCut: false }
    const members = this.#named(rows)
    for (const leg of bridge.members) if (!members.includes(leg)) this.#isolate(at, leg)
    for (const leg of members) if (leg.bridge !== undefined && leg.bridge !== id) this.remove(at, leg)
    Object.assign(bridge, { revision, rows, members, supervisorsCut: false })
    for (const leg of members) leg.bridge = id
    this.#bridges.set(id, bridge)
    this.#compile(at, bridge)
  }

  #named(rows: readonly Row[]): readonly Leg[] {
    const ids = new Set(rows.flatMap((row) => [row.listener, ...row.talkers]))
    return [...ids].flatMap((id) => this.#legs.get(id) ?? [])
  }

  /** Columns are emptied before rows are filled, so that no moment exists in which an old column stands beside a new row. */
  #compile(at: Instant, bridge: Bridge): void {
    for (const leg of bridge.members) leg.listeners = []
    const rows = new Map(bridge.rows.map((row) => [row.listener, row]))
    for (const leg of bridge.members) this.#fill(at, leg, rows.get(leg.id), bridge)
  }

  #fill(at: Instant, listener: Leg, row: Row | undefined, bridge: Bridge): void {
    const named = (row?.talkers ?? []).flatMap((id) => this.#legs.get(id) ?? [])
    const talkers = bridge.supervisorsCut ? named.filter((leg) => leg.voice === 'core') : named
    const main = talkers.find((leg) => leg.id === row?.main) ?? talkers[0]
    for (const talker of talkers) talker.listeners = [...talker.listeners, listener]
    listener.listening.hear(at, {
      main: main?.inbound,
      others: talkers.filter((leg) => leg !== main).map((leg) => leg.inbound),
      tone:
        this.#promptFor(listener, bridge) ??
        (row?.source === undefined ? this.#beepFor(listener, talkers, bridge) : this.#tones[row.source]),
    })
  }

  #promptFor({ id, voice }: Leg, bridge: Bridge): Int16Array | undefined {
    const prompt = this.#prompts.get(bridge.id)
    return voice === 'core' && prompt?.legs.has(id) ? prompt.samples : undefined
  }

  #beepFor(listener: Leg, talkers: readonly Leg[], { id }: Bridge): Int16Array | undefined {
    return listener.voice === 'core' && talkers.length > 0 ? this.#beeps.get(id) : undefined
  }

  #isolate(at: Instant, leg: Leg): void {
    leg.bridge = undefined
    leg.listeners = []
    leg.listening.hear(at, { main: undefined, others: [], tone: undefined })
  }
}

function withoutTalker(row: Row, leg: LegId): Row {
  if (!row.talkers.includes(leg)) return row
  const { main, ...rest } = row
  return { ...rest, talkers: row.talkers.filter((talker) => talker !== leg), ...(main === undefined || main === leg ? {} : { main }) }
}
