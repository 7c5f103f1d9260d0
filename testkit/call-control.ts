/** Sotto's own API as a test or the demo uses it: one method for one request, answers as plain data, refusals as errors that say which. */

export interface PartyView {
  readonly id: string
  readonly role: 'customer' | 'agent' | 'supervisor' | 'participant'
  readonly extension?: string
  readonly number?: string
  readonly name?: string
  readonly agent?: string
  readonly state: 'ringing' | 'talking' | 'held' | 'ended'
  readonly muted: boolean
}

export interface SupervisionView {
  readonly id: string
  readonly callId: string
  readonly partyId: string
  readonly mode: 'monitor' | 'whisper' | 'barge'
  readonly target: string
  readonly private: boolean
  readonly state: 'ringing' | 'active' | 'ended'
  readonly activeAt?: string
  readonly endReason?: string
}

export interface CallView {
  readonly id: string
  readonly revision: number
  readonly state: 'queued' | 'ringing' | 'active' | 'held' | 'ended'
  readonly direction: 'inbound' | 'outbound' | 'internal'
  readonly ani: string
  readonly dnis: string
  readonly group?: string
  readonly reference?: string
  readonly startedAt: string
  readonly answeredAt?: string
  readonly endReason?: string
  readonly recording: { readonly state: 'off' | 'on' | 'paused' }
  readonly disposition?: string
  readonly parked?: { readonly place: string; readonly partyId: string }
  readonly parties: readonly PartyView[]
  readonly supervisions: readonly SupervisionView[]
}

export interface HearingView {
  readonly callId: string
  readonly revision: number
  readonly appliedRevision: number
  readonly pairs: readonly { readonly listener: string; readonly talker: string; readonly hears: true; readonly levelDbov: number | null }[]
}

type Named = { readonly extension: string } | { readonly number: string } | { readonly agent: string }

export interface Originate {
  readonly from: Named | { readonly groups: readonly string[] }
  readonly to: Named
  readonly presentedNumber?: string
  readonly ringTimeoutMs?: number
  readonly reference?: string
  readonly consent?: { readonly from?: string; readonly to?: string }
}

export type AgentState = 'available' | 'ringing' | 'on-call' | 'pending-disposition' | 'wrap-up' | 'away' | 'offline'

export interface AgentView {
  readonly id: string
  readonly extension: string
  readonly state: AgentState
  readonly callId?: string
  readonly awaitsCallId?: string
}

export interface GroupView {
  readonly id: string
  readonly waiting: number
}

export interface Supervise {
  readonly supervisor: Named | { readonly line: string }
  readonly mode: SupervisionView['mode']
  readonly target?: string
  readonly private?: boolean
  readonly autoAnswer?: boolean
  readonly follow?: 'call' | 'target'
  readonly ringTimeoutMs?: number
}

export interface LineView {
  readonly id: string
  readonly state: 'connecting' | 'open' | 'lost' | 'closed'
  readonly label?: string
  readonly user?: string
  readonly supervision?: string
  readonly callId?: string
}

interface Problem {
  readonly code?: string
  readonly detail?: string
  readonly requestId?: string
}

export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly code: string
  /** All that the server said. */
  readonly problem: Problem

  constructor(request: string, status: number, problem: Problem) {
    super(`${request}: ${status} ${problem.code ?? ''} ${problem.detail ?? ''}`)
    this.status = status
    this.code = problem.code ?? ''
    this.problem = problem
  }
}

export class CallControl {
  readonly base: string
  readonly #key: string

  /** `base` is the server's URL without path. */
  constructor(base: string, key: string) {
    this.base = base
    this.#key = key
  }

  calls(): Promise<readonly CallView[]> {
    return this.#ask<{ items: readonly CallView[] }>('GET', '/calls?limit=500').then((page) => page.items)
  }

  /** Live calls in which the extension takes part. */
  callsOf(extension: string): Promise<readonly CallView[]> {
    return this.#ask<{ items: readonly CallView[] }>('GET', `/calls?extension=${extension}`).then((page) => page.items)
  }

  call(id: string): Promise<CallView> {
    return this.#ask('GET', `/calls/${id}`)
  }

  originate(call: Originate): Promise<CallView> {
    return this.#ask('POST', '/calls', call)
  }

  end(id: string): Promise<CallView> {
    return this.#ask('DELETE', `/calls/${id}`)
  }

  hearing(id: string): Promise<HearingView> {
    return this.#ask('GET', `/calls/${id}/hearing`)
  }

  supervise(id: string, how: Supervise): Promise<SupervisionView> {
    return this.#ask('POST', `/calls/${id}/supervisions`, how)
  }

  supervision(id: string): Promise<SupervisionView> {
    return this.#ask('GET', `/supervisions/${id}`)
  }

  /** Answers when the mixer has applied the change. */
  change(
    id: string,
    to: { readonly mode?: SupervisionView['mode']; readonly target?: string; readonly private?: boolean },
  ): Promise<SupervisionView> {
    return this.#ask('PATCH', `/supervisions/${id}`, to)
  }

  endSupervision(id: string): Promise<SupervisionView> {
    return this.#ask('DELETE', `/supervisions/${id}`)
  }

  takeOver(id: string): Promise<CallView> {
    return this.#ask('POST', `/supervisions/${id}/take-over`)
  }

  openLine(offer: string, label?: string): Promise<LineView & { readonly answer: string }> {
    return this.#ask('POST', '/lines', { offer, ...(label !== undefined && { label }) })
  }

  renewLine(id: string, offer: string): Promise<LineView & { readonly answer: string }> {
    return this.#ask('PUT', `/lines/${id}`, { offer })
  }

  line(id: string): Promise<LineView> {
    return this.#ask('GET', `/lines/${id}`)
  }

  closeLine(id: string): Promise<LineView> {
    return this.#ask('DELETE', `/lines/${id}`)
  }

  transfer(
    id: string,
    to: { readonly party?: string; readonly to: Named | { readonly group: string }; readonly type: 'blind' | 'attended' | 'hand-over' },
  ): Promise<CallView> {
    return this.#ask('POST', `/calls/${id}/transfer`, to)
  }

  party(call: string, party: string, act: 'hold' | 'unhold' | 'mute' | 'unmute'): Promise<CallView> {
    return this.#ask('POST', `/calls/${call}/parties/${party}/${act}`)
  }

  record(id: string, state: CallView['recording']['state']): Promise<CallView> {
    return this.#ask('PUT', `/calls/${id}/recording`, { state })
  }

  dispose(id: string, disposition: string): Promise<CallView> {
    return this.#ask('PUT', `/calls/${id}/disposition`, { disposition })
  }

  park(id: string, how: { readonly party?: string; readonly place?: string; readonly timeoutMs?: number } = {}): Promise<CallView> {
    return this.#ask('POST', `/calls/${id}/park`, how)
  }

  /** Answers when the phone rings. */
  unpark(id: string, to: Named): Promise<CallView> {
    return this.#ask('POST', `/calls/${id}/unpark`, { to })
  }

  pickUp(id: string, to: Named): Promise<CallView> {
    return this.#ask('POST', `/calls/${id}/pick-up`, { to })
  }

  requeue(id: string, group: string): Promise<CallView> {
    return this.#ask('POST', `/calls/${id}/requeue`, { group })
  }

  removeParty(call: string, party: string): Promise<CallView> {
    return this.#ask('DELETE', `/calls/${call}/parties/${party}`)
  }

  extensions(): Promise<readonly { readonly number: string; readonly registered: boolean }[]> {
    return this.#ask<{ items: readonly { number: string; registered: boolean }[] }>('GET', '/extensions').then((page) => page.items)
  }

  agents(): Promise<readonly AgentView[]> {
    return this.#ask<{ items: readonly AgentView[] }>('GET', '/agents').then((page) => page.items)
  }

  setAgentState(id: string, state: 'available' | 'away' | 'offline'): Promise<AgentView> {
    return this.#ask('PUT', `/agents/${id}/state`, { state })
  }

  groups(): Promise<readonly GroupView[]> {
    return this.#ask<{ items: readonly GroupView[] }>('GET', '/groups').then((page) => page.items)
  }

  supervisions(): Promise<readonly SupervisionView[]> {
    return this.#ask<{ items: readonly SupervisionView[] }>('GET', '/supervisions').then((page) => page.items)
  }

  async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#key}` }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${this.base}/sotto/v1${path}`, { method, headers, signal: AbortSignal.timeout(15_000), ...content })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Refused(`${method} ${path}`, response.status, answer as Problem)
    return answer as T
  }
}
