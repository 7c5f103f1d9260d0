/** What the demonstration shows: where to look, what to type, and the calls that are up. */
import { CallControl, type CallView, type PartyView } from './call-control.ts'

interface Place {
  readonly http: string
  readonly sip: string
  readonly key: string
  /** User names. */
  readonly people: readonly string[]
  readonly realm: string
  readonly readers: { readonly extension: string; readonly password: string }
}

export function guide(place: Place): string {
  const api = `${place.http}/sotto/v1`
  const curl = `curl -s -H 'Authorization: Bearer ${place.key}'`
  const json = `-H 'Content-Type: application/json'`
  const { extension, password } = place.readers
  return `
  Sotto is up, and its demonstration call centre takes calls.

  Open            ${place.http}/          API description: ${place.http}/openapi.json
  API key         ${place.key}
  Sign in as      ${place.people.join(', ')} with the password sotto-demo: all of it, one group only, an agent's own

  Your own phone  any SIP softphone: server ${place.sip} (UDP), user ${extension}, password ${password}
                  baresip: put this line into ~/.baresip/accounts
                  <sip:${extension}@${place.sip};transport=udp>;auth_pass=${password};answermode=auto

  Live calls      ${curl} '${api}/calls'
  Take one        CALL=$(${curl} '${api}/calls?state=active' | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)
  Whisper         ID=$(${curl} -X POST ${json} -d '{"supervisor":{"extension":"${extension}"},"mode":"whisper","autoAnswer":true}' ${api}/calls/$CALL/supervisions | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4)
                  No phone at hand? Say "102" instead of "${extension}": a supervisor who answers by himself.
  Barge           ${curl} -X PATCH ${json} -d '{"mode":"barge"}' ${api}/supervisions/$ID
  Only listen     ${curl} -X PATCH ${json} -d '{"mode":"monitor"}' ${api}/supervisions/$ID
  Who hears whom  ${curl} ${api}/calls/$CALL/hearing
  Leave           ${curl} -X DELETE ${api}/supervisions/$ID

`
}

const refreshMs = 2_000

/** On a terminal a list in place; elsewhere a line whenever a call comes, is answered, or goes. */
export class Board {
  readonly #api: CallControl
  readonly #isTerminal = process.stdout.isTTY === true
  readonly #known = new Map<string, string>()
  #lines = 0
  #timer: NodeJS.Timeout | undefined

  constructor(place: Place) {
    this.#api = new CallControl(place.http, place.key)
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), refreshMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #look(): Promise<void> {
    const calls = await this.#api.calls().catch(() => undefined)
    if (calls === undefined) return
    if (this.#isTerminal) this.#redraw(calls)
    else this.#report(calls)
  }

  #redraw(calls: readonly CallView[]): void {
    const lines = [`  ${calls.length} live calls`, ...calls.map((call) => `  ${describe(call)}`)]
    const up = this.#lines === 0 ? '' : `\u001b[${this.#lines}A`
    process.stdout.write(`${up}\u001b[J${lines.join('\n')}\n`)
    this.#lines = lines.length
  }

  #report(calls: readonly CallView[]): void {
    for (const call of calls) {
      const text = describe(call)
      if (this.#known.get(call.id) !== text) process.stdout.write(`demo: ${text}\n`)
      this.#known.set(call.id, text)
    }
    for (const id of this.#known.keys()) if (!calls.some((call) => call.id === id)) this.#known.delete(id)
  }
}

function describe(call: CallView): string {
  const present = call.parties.filter((party) => party.state !== 'ended' && party.role !== 'supervisor')
  const watchers = call.supervisions.filter((s) => s.state === 'active').map((s) => s.mode)
  const watched = watchers.length === 0 ? '' : `  supervised: ${watchers.join(', ')}`
  return `${call.id}  ${call.state.padEnd(7)} ${present.map(nameOf).join(' – ')}${watched}`
}

const nameOf = (party: PartyView): string => party.name ?? party.number ?? party.extension ?? party.id
