/** A front desk that does what a test tells it: for the surfaces above it (api, dialects), whose translation is to be seen without phones. */
import type { OpenInterval } from '../src/audit/watch.ts'
import type { Call } from '../src/call/call.ts'
import type { Cdr } from '../src/call/cdr.ts'
import type { CallEventBody } from '../src/call/event.ts'
import type { Party } from '../src/call/party.ts'
import type { Recording } from '../src/call/recording.ts'
import { type Refusal, refusal } from '../src/call/refusal.ts'
import type { Supervision } from '../src/call/supervision.ts'
import type {
  AgentView,
  Attempt,
  Caller,
  DeskCommand,
  Done,
  ExtensionView,
  FrontDesk,
  GroupView,
  OutEvent,
  PartyLevel,
} from '../src/control/command.ts'
import { type DescribedLine, type LineDesk, type LineView, ownerOf } from '../src/control/line-words.ts'
import {
  type AccountId,
  accountId,
  type CallId,
  callId,
  type LineId,
  legId,
  lineId,
  partyId,
  type SupervisionId,
  supervisionId,
} from '../src/kernel/ids.ts'
import { fail, type Outcome, ok } from '../src/kernel/outcome.ts'
import { type Instant, instant } from '../src/kernel/time.ts'

export const accountA = accountId('12440011')
export const accountB = accountId('12440022')
export const noon = instant(Date.UTC(2026, 10, 20, 12, 0, 0, 250))

type Script = (caller: Caller, command: DeskCommand) => Outcome<Done, Refusal> | Promise<Outcome<Done, Refusal>>

export class ScriptedDesk implements FrontDesk {
  draining = false
  faults: string[] = []
  /** Refused before they came here. */
  readonly attempts: { readonly caller: Caller; readonly attempt: Attempt }[] = []
  readonly requests: { readonly caller: Caller; readonly command: DeskCommand }[] = []
  readonly lines = new ScriptedLines()
  readonly #calls = new Map<CallId, Call>()
  readonly #events: OutEvent[] = []
  readonly #listeners = new Set<{ readonly account: AccountId; readonly listener: (event: OutEvent) => void }>()
  #lastEvent = 0
  #agents: readonly AgentView[] = []
  #script: Script = () => fail(refusal('internal-error'))
  levelsNow: readonly PartyLevel[] = []
  cdrsNow: readonly Cdr[] = []
  openNow: readonly OpenInterval[] = []
  extensionsNow: readonly ExtensionView[] = []
  groupsNow: readonly GroupView[] = []

  /** What the next requests are answered. */
  answers(script: Script): void {
    this.#script = script
  }

  put(...calls: readonly Call[]): void {
    for (const call of calls) this.#calls.set(call.id, call)
  }

  drop(id: CallId): void {
    this.#calls.delete(id)
  }

  clear(): void {
    this.#calls.clear()
    this.requests.length = 0
    this.attempts.length = 0
  }

  setAgents(agents: readonly AgentView[]): void {
    this.#agents = agents
  }

  /** An event of a call, which is put on the desk as it is after the event. */
  happened(call: Call, body: CallEventBody): OutEvent {
    this.put(call)
    return this.#publish({ id: this.#nextId(), account: call.account, event: { ...body, call: call.id, seq: call.seq, at: noon }, call })
  }

  agentChanged(account: AccountId, agent: AgentView, about?: 'hand'): OutEvent {
    return this.#publish({ id: this.#nextId(), account, agent, at: noon, ...(about === undefined ? {} : { about }) })
  }

  lineChanged(account: AccountId, line: LineView): OutEvent {
    return this.#publish({ id: this.#nextId(), account, line, at: noon })
  }

  get subscribers(): number {
    return this.#listeners.size
  }

  async request(caller: Caller, command: DeskCommand): Promise<Outcome<Done, Refusal>> {
    this.requests.push({ caller, command })
    return await this.#script(caller, command)
  }

  refused(caller: Caller, attempt: Attempt): void {
    this.attempts.push({ caller, attempt })
  }

  calls(account: AccountId): readonly Call[] {
    const live = [...this.#calls.values()].filter((call) => call.account === account && call.endedAt === undefined)
    return live.sort((a, b) => a.startedAt - b.startedAt)
  }

  call(account: AccountId, id: CallId): Call | undefined {
    const call = this.#calls.get(id)
    return call?.account === account ? call : undefined
  }

  callBySerial(account: AccountId, serial: number): Call | undefined {
    return [...this.#calls.values()].find((call) => call.account === account && call.serial === serial)
  }

  endedCalls(account: AccountId): readonly Call[] {
    const ended = [...this.#calls.values()].filter((call) => call.account === account && call.endedAt !== undefined)
    return ended.sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))
  }

  callOfSupervision(account: AccountId, id: SupervisionId): Call | undefined {
    return [...this.#calls.values()].find((call) => call.account === account && call.supervisions.some((s) => s.id === id))
  }

  cdrs(account: AccountId): readonly Cdr[] {
    return this.cdrsNow.filter((cdr) => cdr.account === account)
  }

  openIntervals(account: AccountId): readonly OpenInterval[] {
    return account === accountA ? this.openNow : []
  }

  async levels(_account: AccountId, _call: CallId): Promise<readonly PartyLevel[]> {
    return this.levelsNow
  }

  agents(account: AccountId): readonly AgentView[] {
    return account === accountA ? this.#agents : []
  }

  extensions(account: AccountId): readonly ExtensionView[] {
    return account === accountA ? this.extensionsNow : []
  }

  extension(account: AccountId, number: string): ExtensionView | undefined {
    return this.extensions(account).find((extension) => extension.number === number)
  }

  groups(account: AccountId): readonly GroupView[] {
    return account === accountA ? this.groupsNow : []
  }

  eventsAfter(account: AccountId, cursor: string): readonly OutEvent[] | undefined {
    const known = this.#events.findIndex((event) => event.id === cursor)
    return known === -1 ? undefined : this.#events.slice(known + 1).filter((event) => event.account === account)
  }

  subscribe(account: AccountId, listener: (event: OutEvent) => void): () => void {
    const entry = { account, listener }
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  degraded(): readonly string[] {
    return this.faults
  }

  #nextId(): string {
    this.#lastEvent += 1
    return `e${this.#lastEvent}`
  }

  #publish(event: OutEvent): OutEvent {
    this.#events.push(event)
    for (const { account, listener } of this.#listeners) if (account === event.account) listener(event)
    return event
  }
}

/** Nothing is recorded by itself, everything on demand. */
export const noRecording: Recording = { automatic: false, onDemand: true, announced: false, state: 'off' }

/** A customer talks to an agent. Everything may be said otherwise; `serial` is noon in microseconds and the number at the end of the id. */
export function aCall(id: string, changes: Partial<Call> = {}): Call {
  const account = changes.account ?? accountA
  const parties = changes.parties ?? [aCustomer('p-c', account), anAgent('p-a', '210', account)]
  return {
    id: callId(id),
    serial: noon * 1000 + Number(/\d{1,4}$/.exec(id)?.[0] ?? 0),
    account,
    revision: 3,
    direction: 'inbound',
    ani: '+15550001111',
    dnis: '+18661234567',
    startedAt: noon,
    answeredAt: noon,
    supervisions: [],
    wiring: { revision: 1, applied: 1, appliedAt: noon, confirmed: [], sent: [] },
    seq: 5,
    offers: 1,
    recording: noRecording,
    phones: parties.filter(isPhone).length,
    labels: {},
    ...changes,
    parties: changes.phones === undefined ? numbered(parties) : parties,
  }
}

const isPhone = (party: Party): boolean => party.endpoint.kind === 'extension' || party.role === 'supervisor'

/** As they stand, unless the test has numbered them itself: then it says `phones`, too. */
function numbered(parties: readonly Party[]): readonly Party[] {
  return parties.map((party, i) => (isPhone(party) ? { ...party, ordinal: parties.slice(0, i + 1).filter(isPhone).length } : party))
}

const partyBase = (id: string, ordinal: number): Omit<Party, 'role' | 'endpoint'> => ({
  id: partyId(id),
  leg: legId(`leg-${id}`),
  ordinal,
  state: 'connected',
  accepted: true,
  muted: false,
  held: false,
  phoneHeld: false,
  offer: 0,
  joinedAt: noon,
  answeredAt: noon,
})

export function aCustomer(id: string, account: AccountId = accountA): Party {
  return {
    ...partyBase(id, 0),
    role: 'customer',
    endpoint: { kind: 'number', account, trunk: 'pstn', number: '+15550001111', name: 'Cleo Customer' },
  }
}

export function anAgent(id: string, extension: string, account: AccountId = accountA): Party {
  const endpoint = { kind: 'extension', account, extension, agent: `agent-${extension}`, name: 'Paco Vu', mayBeMonitored: true } as const
  return { ...partyBase(id, 1), role: 'agent', endpoint }
}

export function aSupervisor(id: string, extension: string, account: AccountId = accountA): Party {
  const endpoint = { kind: 'extension', account, extension, name: 'Sara Monitor', mayBeMonitored: false } as const
  return { ...partyBase(id, 2), role: 'supervisor', endpoint }
}

export function aSupervision(id: string, changes: Partial<Supervision> = {}): Supervision {
  return {
    id: supervisionId(id),
    revision: 1,
    party: partyId('p-s'),
    mode: 'monitor',
    target: partyId('p-a'),
    private: false,
    follow: 'call',
    hearPeers: false,
    state: 'active',
    startedAt: noon,
    activeAt: noon,
    ...changes,
  }
}

/** The call with a supervisor in it. */
export function supervised(call: Call, supervision: Supervision): Call {
  return {
    ...call,
    revision: call.revision + 1,
    phones: call.phones + 1,
    parties: [...call.parties, { ...aSupervisor('p-s', '101', call.account), ordinal: call.phones + 1 }],
    supervisions: [supervision],
  }
}

export function anAgentView(id: string, changes: Partial<AgentView> = {}): AgentView {
  return {
    id,
    username: `${id}@example.com`,
    name: 'Paco Vu',
    extension: '210',
    role: 'agent',
    groups: ['030'],
    state: 'available',
    since: noon as Instant,
    tally: { handled: 0, missed: 0, talkMs: 0 },
    ...changes,
  }
}

/** Lines that come about at once. */
export class ScriptedLines implements LineDesk {
  readonly #lines = new Map<LineId, LineView>()
  readonly offers: string[] = []

  async open(
    caller: Caller,
    { offer, label }: { readonly offer: string; readonly label?: string },
  ): Promise<Outcome<DescribedLine, Refusal>> {
    this.offers.push(offer)
    const user = caller.user === undefined ? {} : { user: caller.user }
    const named = label === undefined ? user : { ...user, label }
    const line: LineView = {
      id: lineId(`n_${this.#lines.size + 1}`),
      state: 'connecting',
      createdAt: noon,
      owner: ownerOf(caller),
      ...named,
    }
    this.#lines.set(line.id, line)
    return ok({ line, answer: 'v=0' })
  }

  async renew(caller: Caller, id: LineId, offer: string): Promise<Outcome<DescribedLine, Refusal>> {
    this.offers.push(offer)
    const line = this.get(caller, id)
    return line === undefined ? fail(refusal('resource-unknown', { name: 'line' })) : ok({ line, answer: 'v=0' })
  }

  async close(caller: Caller, id: LineId): Promise<Outcome<LineView, Refusal>> {
    const line = this.get(caller, id)
    this.#lines.delete(id)
    return line === undefined ? fail(refusal('resource-unknown', { name: 'line' })) : ok({ ...line, state: 'closed' })
  }

  list(caller: Caller): readonly LineView[] {
    return [...this.#lines.values()].filter((line) => line.owner === ownerOf(caller))
  }

  get(caller: Caller, id: LineId): LineView | undefined {
    return this.list(caller).find((line) => line.id === id)
  }
}
