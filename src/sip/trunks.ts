import type { Alarm } from '../kernel/deadlines.ts'
import { Deadlines } from '../kernel/deadlines.ts'
import type { Random } from '../kernel/random.ts'
import type { Instant } from '../kernel/time.ts'
import { addMs } from '../kernel/time.ts'
import type { Draft } from './compose.ts'
import { peerUri } from './dialling.ts'
import type { Flow, TrunkSettings } from './door.ts'
import { parseContacts, parseSeconds } from './headers.ts'
import { trunkKey } from './identities.ts'
import type { Response, SipUri } from './message.ts'
import { header, headers } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Result, Sequence } from './outgoing.ts'
import type { Requester } from './requester.ts'
import type { Purpose } from './session.ts'

interface Line {
  readonly settings: TrunkSettings
  readonly peer: SipUri
  readonly callId: string
  readonly tag: string
  readonly registers: Sequence
  readonly alarms: Map<Task, Alarm<Due>>
  expiresS: number
  failures: number
  isUp: boolean | undefined
  /** Where the registration lives; when it closes, the peer cannot reach us any more. */
  flow?: Flow
}

type Task = 'register' | 'keep-alive'

interface Due {
  readonly line: Line
  readonly task: Task
}

/** Keeps our registrations at trunks, and asks by OPTIONS whether their peers answer. */
export class Trunks {
  readonly #outbox: Outbox
  readonly #random: Random
  readonly #requester: Requester<Purpose>
  readonly #deadlines = new Deadlines<Due>()
  readonly #lines = new Map<string, Line>()
  #product = ''

  constructor(outbox: Outbox, random: Random, requester: Requester<Purpose>) {
    this.#outbox = outbox
    this.#random = random
    this.#requester = requester
  }

  deadline(): Instant | undefined {
    return this.#deadlines.next()
  }

  /** A trunk whose settings did not change goes on undisturbed. */
  configure(at: Instant, trunks: Iterable<TrunkSettings>, product: string): void {
    this.#product = product
    const wanted = new Map([...trunks].map((trunk) => [trunkKey(trunk), trunk]))
    for (const [key, line] of this.#lines) {
      const settings = wanted.get(key)
      if (settings !== undefined && JSON.stringify(settings) === JSON.stringify(line.settings)) wanted.delete(key)
      else this.#drop(at, key, line)
    }
    for (const [key, settings] of wanted) this.#begin(at, key, settings)
  }
  stop(at: Instant): void {
    for (const [key, line] of this.#lines) this.#drop(at, key, line)
  }

  wake(at: Instant): void {
    for (let alarm = this.#deadlines.take(at); alarm !== undefined; alarm = this.#deadlines.take(at)) {
      const { line, task } = alarm.reason
      line.alarms.delete(task)
      this.#send(at, line, task, line.expiresS)
    }
  }

  flowClosed(at: Instant, flow: Flow): void {
    for (const line of this.#lines.values())
      if (line.flow?.id === flow.id) {
        delete line.flow
        this.#schedule(at, line, 'register', 1000)
      }
  }

  result(at: Instant, purpose: { readonly kind: Task; readonly trunk: string }, result: Result<Purpose>): void {
    const line = this.#lines.get(purpose.trunk)
    if (line === undefined) return
    if (purpose.kind === 'register') this.#registered(at, line, result)
    else this.#kept(at, line, result)
  }

  #begin(at: Instant, key: string, settings: TrunkSettings): void {
    const peer = peerUri(settings)
    if (peer === undefined) {
      this.#outbox.event({ kind: 'trunkDown', account: settings.account, trunk: settings.id, why: `peer ${settings.peer} cannot be read` })
      return
    }
    const expiresS = settings.register?.expiresS ?? 0
    const line: Line = {
      settings,
      peer,
      expiresS,
      callId: this.#random.hex(16),
      tag: this.#random.hex(8),
      registers: { last: 0 },
      alarms: new Map(),
      failures: 0,
      isUp: undefined,
    }
    this.#lines.set(key, line)
    if (settings.register !== undefined) this.#send(at, line, 'register', expiresS)
    if (settings.optionsEveryMs) this.#send(at, line, 'keep-alive', 0)
  }

  #drop(at: Instant, key: string, line: Line): void {
    for (const alarm of line.alarms.values()) this.#deadlines.clear(alarm)
    this.#lines.delete(key)
    if (line.settings.register !== undefined && line.isUp) this.#send(at, line, 'register', 0)
  }

  #send(at: Instant, line: Line, task: Task, expiresS: number): void {
    const { credentials } = line.settings
    const draft = task === 'register' ? this.#registerDraft(line, expiresS) : this.#optionsDraft(line)
    this.#requester.begin(at, {
      purpose: { kind: task, trunk: trunkKey(line.settings) },
      draft,
      sequence: task === 'register' ? line.registers : { last: 0 },
      route: { uri: line.peer, ...(line.flow !== undefined && { flow: line.flow }) },
      ...(credentials !== undefined && { credentials }),
    })
  }

  /** RFC 3261 §10.2: To is who registers; all registrations of one line share a Call-ID. */
  #registerDraft(line: Line, expiresS: number): Draft {
    const user = contactUserOf(line.settings)
    const self = { uri: { ...line.peer, user, params: new Map() }, params: new Map() }
    return {
      method: 'REGISTER',
      uri: { ...line.peer, params: new Map() },
      from: { ...self, params: new Map([['tag', line.tag]]) },
      to: self,
      callId: line.callId,
      headers: [
        { name: 'Expires', value: String(expiresS) },
        { name: 'User-Agent', value: this.#product },
      ],
      contactUser: user,
    }
  }

  #optionsDraft(line: Line): Draft {
    const user = contactUserOf(line.settings)
    const from = { uri: { ...line.peer, user, params: new Map() }, params: new Map([['tag', this.#random.hex(8)]]) }
    const headers = [{ name: 'User-Agent', value: this.#product }]
    const to = { uri: line.peer, params: new Map() }
    return { method: 'OPTIONS', uri: line.peer, from, to, callId: this.#random.hex(16), headers, contactUser: user }
  }

  #registered(at: Instant, line: Line, result: Result<Purpose>): void {
    if (result.kind === 'response' && result.response.status < 200) return
    if (result.kind === 'response' && result.response.status < 300) {
      line.flow = result.flow
      line.failures = 0
      this.#isUp(line)
      this.#schedule(at, line, 'register', refreshMs(grantedS(line, result.response)))
      return
    }
    if (result.kind === 'response' && result.response.status === 423) return this.#lengthen(at, line, result.response)
    this.#isDown(line, result)
    this.#schedule(at, line, 'register', retryMs(++line.failures))
  }

  /** RFC 3261 §10.2.8. */
  #lengthen(at: Instant, line: Line, response: Response): void {
    const minimum = parseSeconds(header(response, 'Min-Expires') ?? '')
    if (minimum.ok && minimum.value > line.expiresS) {
      line.expiresS = minimum.value
      this.#send(at, line, 'register', minimum.value)
    } else this.#schedule(at, line, 'register', retryMs(++line.failures))
  }

  /** Whatever is answered, somebody is there; only silence and an unreachable peer say that nobody is. */
  #kept(at: Instant, line: Line, result: Result<Purpose>): void {
    if (result.kind === 'response' && result.response.status < 200) return
    if (result.kind === 'response' && result.response.status !== 503) {
      if (line.settings.register === undefined) this.#isUp(line)
    } else this.#isDown(line, result)
    this.#schedule(at, line, 'keep-alive', line.settings.optionsEveryMs ?? 0)
  }

  #isUp(line: Line): void {
    if (line.isUp === true) return
    line.isUp = true
    this.#outbox.event({ kind: 'trunkUp', account: line.settings.account, trunk: line.settings.id })
  }

  #isDown(line: Line, result: Result<Purpose>): void {
    if (line.isUp === false) return
    line.isUp = false
    const status = result.kind === 'failed' ? result.status : result.response.status
    const why = result.kind === 'response' ? result.response.reason : status === 408 ? 'no answer' : 'not reachable'
    this.#outbox.event({ kind: 'trunkDown', account: line.settings.account, trunk: line.settings.id, status, why })
  }

  #schedule(at: Instant, line: Line, task: Task, ms: number): void {
    if (this.#lines.get(trunkKey(line.settings)) !== line) return
    this.#deadlines.clear(line.alarms.get(task))
    line.alarms.set(task, this.#deadlines.set(addMs(at, ms), { line, task }))
  }
}

export const contactUserOf = (trunk: TrunkSettings): string => trunk.credentials?.username ?? 'sotto'

/** Early enough for one failure and a retry. */
const refreshMs = (grantedS: number): number => Math.max(5, grantedS * 0.8) * 1000

const retryMs = (failures: number): number => Math.min(300, 15 * 2 ** Math.min(failures - 1, 5)) * 1000

/** RFC 3261 §10.2.4: what counts is the expiry of our own contact in the answer. */
function grantedS(line: Line, response: Response): number {
  const user = contactUserOf(line.settings)
  for (const value of headers(response, 'Contact')) {
    const parsed = parseContacts(value)
    if (!parsed.ok || parsed.value === '*') continue
    for (const { uri, params } of parsed.value) {
      const seconds = parseSeconds(params.get('expires') ?? '')
      if (seconds.ok && uri.scheme !== 'tel' && uri.scheme !== 'other' && uri.user === user) return seconds.value
    }
  }
  const seconds = parseSeconds(header(response, 'Expires') ?? '')
  return seconds.ok ? seconds.value : line.expiresS
}
