/** Live calls with audio on the whole server, and supervisors who come when they are called. */
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { HttpClient } from './http-client.ts'
import { type RtpLeg, RtpLoad, silenceFrame } from './rtp-load.ts'
import { type BenchServer, key, numberOf, pidOf, startServer, stations, supervisorOf } from './server.ts'
import { type CalledLeg, type LoadCall, SipLoad } from './sip-load.ts'

export interface LiveCall {
  readonly n: number
  readonly sip: LoadCall
  readonly customer: RtpLeg
  readonly agent: RtpLeg
  /** As the API names it. */
  id: string
}

export interface LiveSupervision {
  readonly id: string
  readonly leg: RtpLeg
  /** When the supervisor's phone sent its 200. */
  readonly answeredAt: number
}

const churnedCallMs = 500
/** Of a leg that only shows that it is there: half of what counts as silence. */
const quietMs = 5_000

export class BenchFloor {
  readonly server: BenchServer
  readonly rtp: RtpLoad
  readonly http: HttpClient
  readonly calls: LiveCall[] = []
  readonly #stations: number
  /** Ends of short calls that are still to come. */
  readonly #short = new Set<NodeJS.Timeout>()
  readonly #sip: SipLoad
  readonly #up = new Map<number, (call: LoadCall) => void>()
  readonly #answering = new Map<string, (leg: CalledLeg & { readonly rtp: RtpLeg }) => void>()
  /** What the next supervisor's phone says and hears. */
  dress: (leg: RtpLeg) => void = () => {}

  private constructor(server: BenchServer, parts: Parts) {
    this.server = server
    this.#stations = parts.count
    this.rtp = parts.rtp
    this.http = parts.http
    this.#sip = parts.sip
  }

  static async open(env: Readonly<Record<string, string>> = {}, count = stations): Promise<BenchFloor> {
    const server = await startServer(env, count)
    const rtp = await RtpLoad.open()
    const sip = await SipLoad.open({
      ...{ server: server.sotto.sip, trunkPort: server.sotto.trunkPort, phonesPort: server.phonesPort, answerMs: 20 },
      rtpPortOf: ({ kind, extension, id }) =>
        rtp.portFor(kind === 'customer' ? 2 * id : extension.startsWith('5') ? Number(extension) : 2 * id + 1),
      onUp: (call) => floor.#up.get(call.id)?.(call),
      onAnswering: (leg) => floor.#supervisorAnswers(leg),
    })
    const floor = new BenchFloor(server, { rtp, http: await HttpClient.open(server.sotto.http, key), sip, count })
    return floor
  }

  get pids(): readonly [control: number, media: number] {
    return [pidOf(this.server, 'control'), pidOf(this.server, 'media')]
  }

  /** Brings as many calls up as are missing; both parties are silent on the line, and from the call `quietFrom` on send next to nothing. */
  async fill(count: number, { perSecond = 60, quietFrom = count } = {}): Promise<void> {
    const coming: Promise<void>[] = []
    for (let n = this.calls.length + coming.length; n < count; n++) {
      coming.push(this.#begin(n, n < quietFrom ? undefined : quietMs))
      await pause(1000 / perSecond)
    }
    await Promise.all(coming)
    await this.#learnIds()
  }

  async #begin(n: number, everyMs: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<LoadCall>()
    const call = this.#sip.call(numberOf(n, this.#stations))
    this.#up.set(call.id, resolve)
    const sip = await soon(promise, `call ${n} is up`)
    const customer = this.rtp.add(2 * sip.id, sip.customerTarget, silenceFrame, everyMs)
    const agent = this.rtp.add(2 * sip.id + 1, sip.agentTarget, silenceFrame, everyMs)
    this.calls.push({ n, sip, customer, agent, id: '' })
  }

  /** Short calls beside the live ones, so that nothing stays as it is. Returns what ends it. */
  churn(perSecond: number, lastMs = churnedCallMs): () => void {
    let n = this.calls.length
    const timer = setInterval(() => {
      const call = this.#sip.call(numberOf(n++, this.#stations))
      this.#up.set(call.id, (up) => {
        this.#up.delete(up.id)
        this.#short.add(setTimeout(() => this.#sip.hangUp(up), lastMs))
      })
    }, 1000 / perSecond)
    return () => clearInterval(timer)
  }

  /** The caller's number tells which call is which. */
  async #learnIds(): Promise<void> {
    const ids = new Map<string, string>()
    // The server has closed a connection on which nothing was asked for as long as many calls take to come up.
    const http = await HttpClient.open(this.server.sotto.http, key)
    for (let cursor: string | null = ''; cursor !== null; ) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`
      const page: Page = await http.must('GET', `/calls?limit=200${from}`)
      for (const { ani, id } of page.items) ids.set(ani, id)
      cursor = page.next
    }
    http.close()
    for (const call of this.calls) call.id = ids.get(`+1555${String(call.sip.id).padStart(7, '0')}`) ?? ''
  }

  /** Returns when the supervisor's phone has answered and the matrix that names him is in force. */
  async supervise(call: LiveCall, mode: string, http = this.http): Promise<LiveSupervision> {
    const extension = supervisorOf(call.n, this.#stations)
    const { promise, resolve } = Promise.withResolvers<CalledLeg & { readonly rtp: RtpLeg }>()
    this.#answering.set(extension, resolve)
    const { id } = await http.must<{ id: string }>('POST', `/calls/${call.id}/supervisions`, {
      supervisor: { extension },
      mode,
      target: 'agent',
    })
    const leg = await soon(promise, `supervisor ${extension} answers`)
    await eventually(
      'the supervision is active',
      async () => (await http.must<{ state: string }>('GET', `/supervisions/${id}`)).state === 'active',
    )
    return { id, leg: leg.rtp, answeredAt: leg.answeredAt }
  }

  async leave({ id, leg }: LiveSupervision, http = this.http): Promise<void> {
    await http.must('DELETE', `/supervisions/${id}`)
    this.rtp.remove(leg.target)
  }

  async close(): Promise<void> {
    for (const end of this.#short) clearTimeout(end)
    for (const { sip } of this.calls) this.#sip.hangUp(sip)
    await pause(300)
    this.http.close()
    this.#sip.close()
    this.rtp.close()
    await this.server.sotto.stop()
  }

  #supervisorAnswers(leg: CalledLeg): void {
    if (!leg.extension.startsWith('5')) return
    const rtp = this.rtp.add(Number(leg.extension), leg.target, silenceFrame)
    this.dress(rtp)
    this.#answering.get(leg.extension)?.({ ...leg, rtp })
  }
}

interface Parts {
  readonly rtp: RtpLoad
  readonly http: HttpClient
  readonly sip: SipLoad
  readonly count: number
}

interface Page {
  readonly items: readonly { readonly id: string; readonly ani: string }[]
  readonly next: string | null
}
