/** Where the golden examples are played: a real server, phones, the telephone network, and calls that live until an example ends them. */
import assert from 'node:assert/strict'
import { unreachable } from '../../src/kernel/assert.ts'
import type { CallView } from '../../testkit/call-control.ts'
import { Centre, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { EventReader } from '../../testkit/event-reader.ts'
import { Exchange } from '../../testkit/exchange.ts'
import type { Phone } from '../../testkit/phone.ts'
import { samplesOf } from '../../testkit/phone-heard.ts'
import type { Behaviour } from '../../testkit/phone-incoming.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { type field, list, param, requestUri, uriParts } from '../../testkit/phone-message.ts'
import { tonesIn } from '../../testkit/phone-tones.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'
import { withExtra, withShortTokens } from './configuration.ts'
import { type Reply, type Sending, send } from './wire.ts'

/** A call that the world has before each example. */
export interface Play {
  /** How the examples call it, whatever its id is. */
  readonly name: string
  /** Somebody dials. */
  dial(stage: Stage): Promise<Line>
  /** It is that call, and as the examples need it. */
  stands(call: CallView): boolean
}

export interface Live {
  readonly line: Line
  readonly call: CallView
}

/**
 * The server of the calls; one whose tokens live for a second; and one in this process whose clock the test moves, for a token that no
 * configuration makes as short as that.
 */
export type Server = 'centre' | 'lapsing' | 'aging'

export class Stage {
  readonly centre: Centre
  readonly #lapsing: Sotto
  readonly #aging: Exchange
  readonly #events: EventReader
  /** How a phone meets its callers; without a word it answers at once. Whatever is asked to answer by itself does so. */
  readonly moods = new Map<string, Behaviour>()
  readonly #phones = new Map<string, Phone>()
  #plays: readonly Play[] = []
  readonly #live = new Map<string, Live>()
  #readyAt = 0

  private constructor(centre: Centre, others: { readonly lapsing: Sotto; readonly aging: Exchange }, events: EventReader) {
    this.centre = centre
    this.#lapsing = others.lapsing
    this.#aging = others.aging
    this.#events = events
  }

  static async open(): Promise<Stage> {
    const [centre, lapsing] = await Promise.all([Centre.open({ change: withExtra }), startSotto({ change: withShortTokens })])
    const events = await EventReader.sse({ http: centre.sotto.http, key: reference.adminKey, types: 'party.joined' })
    return new Stage(centre, { lapsing, aging: await Exchange.open({ change: withExtra }) }, events)
  }

  async close(): Promise<void> {
    this.#events.close()
    await Promise.all([this.centre.close(), this.#lapsing.stop(), this.#aging.close()])
  }

  get api(): Centre['api'] {
    return this.centre.api
  }

  send(sending: Sending, to: Server = 'centre'): Promise<Reply> {
    switch (to) {
      case 'centre':
        return send(this.centre.sotto.http, sending)
      case 'lapsing':
        return send(this.#lapsing.http, sending)
      case 'aging':
        return send(this.#aging.url, sending)
      default:
        return unreachable(to)
    }
  }

  /** Time passes on that server. */
  age(ms: number): void {
    this.#aging.advance(ms)
  }

  phone(extension: string): Phone {
    const found = this.#phones.get(extension)
    assert.ok(found !== undefined, `${extension} has a phone`)
    return found
  }

  /** Exactly these extensions are registered, and nobody is in a call. */
  async cast(extensions: readonly string[]): Promise<void> {
    this.#plays = []
    this.#live.clear()
    this.moods.clear()
    for (const [extension, phone] of this.#phones) {
      if (extensions.includes(extension)) continue
      await this.centre.putAway(phone)
      this.#phones.delete(extension)
    }
    await this.centre.quiet()
    for (const extension of extensions) {
      if (!this.#phones.has(extension)) this.#phones.set(extension, await this.#newPhone(extension))
    }
  }

  #newPhone(extension: string): Promise<Phone> {
    const decide = ({ invite }: { readonly invite: Parameters<typeof field>[0] }): Behaviour => {
      const asked = list(invite, 'call-info').some((value) => param(value, 'answer-after') !== undefined)
      return asked ? { answerAfterMs: 0 } : (this.moods.get(extension) ?? { answerAfterMs: 0 })
    }
    return this.centre.phone(extension, { decide })
  }

  /** The world as the examples expect it: what an example began is ended, what it ended is begun again. */
  async restore(plays: readonly Play[]): Promise<void> {
    await this.#endStrays(plays)
    this.#plays = plays
    const again = await this.#fallen(plays)
    // First all of them end: a queued caller would be given the agent that an earlier call of the list needs.
    for (const play of again.toReversed()) await this.#forget(play)
    for (const play of again) await this.#begin(play)
    for (const phone of this.#phones.values()) phone.forget()
    this.centre.trunk.forget()
    this.#readyAt = performance.now()
  }

  async #endStrays(plays: readonly Play[]): Promise<void> {
    for (const play of this.#plays.filter((p) => !plays.includes(p))) await this.#forget(play)
    for (const { id } of await this.#supervisions()) await this.api.endSupervision(id)
    const ours = () => [...this.#live.values()].map(({ call }) => call.id)
    for (const { id } of await this.#others(ours())) await this.api.end(id)
    await eventually('nothing is left of the example before', async () => {
      const [supervisions, others] = [await this.#supervisions(), await this.#others(ours())]
      return supervisions.length === 0 && others.length === 0
    })
    await eventually('phones of the example before are on the hook', async () => (await this.#strayLines()).length === 0)
  }

  async #supervisions() {
    return (await this.api.supervisions()).filter(({ state }) => state !== 'ended')
  }

  async #others(ours: readonly string[]): Promise<readonly CallView[]> {
    return (await this.api.calls()).filter(({ id }) => !ours.includes(id))
  }

  /** Phones that are off the hook without a call of the world. */
  async #strayLines(): Promise<readonly string[]> {
    const parties = (await this.api.calls()).flatMap((call) => call.parties)
    const busy = new Set(parties.filter(({ state }) => state !== 'ended').map(({ extension }) => extension))
    return [...this.#phones].filter(([extension, phone]) => phone.lines.length > 0 && !busy.has(extension)).map(([extension]) => extension)
  }

  /** The first call that is not as it should be, and those that began after it. */
  async #fallen(plays: readonly Play[]): Promise<readonly Play[]> {
    for (const [i, play] of plays.entries()) if (!(await this.#stands(play))) return plays.slice(i)
    return []
  }

  async #stands(play: Play): Promise<boolean> {
    const live = this.#live.get(play.name)
    if (live === undefined || live.line.state === 'ended') return false
    return play.stands(await this.api.call(live.call.id))
  }

  async #begin(play: Play): Promise<void> {
    const line = await play.dial(this)
    const call = await eventually(`the call ${play.name}`, async () => {
      const known = [...this.#live.values()].map((live) => live.call.id)
      return (await this.api.calls()).find((c) => play.stands(c) && !known.includes(c.id))
    })
    this.#live.set(play.name, { line, call })
  }

  async #forget(play: Play): Promise<void> {
    const live = this.#live.get(play.name)
    if (live === undefined) return
    this.#live.delete(play.name)
    await live.line.hangUp()
    await this.centre.callIn(live.call.id, 'ended')
  }

  live(name: string): Live {
    const found = this.#live.get(name)
    assert.ok(found !== undefined, `the call ${name} lives`)
    return found
  }

  /** When the extension came into the call. */
  async joinedAt(name: string, extension: string): Promise<string> {
    const { id, parties } = this.live(name).call
    const party = parties.find((p) => p.extension === extension)?.id
    const { at } = await this.#events.until(`${extension} joins`, ({ callId, data }) => callId === id && data.party === party)
    return at
  }

  /** Changes with every call that had to be made again. */
  get edition(): string {
    return [...this.#live].map(([name, { call }]) => `${name}=${call.id}`).join(' ')
  }

  /** Frame by frame, since the world was made ready for the example. */
  #heardNever(line: Line, hz: number): void {
    const frames = line.heard.kept.filter(({ at }) => at >= this.#readyAt)
    const leaked = frames.filter((frame) => tonesIn(samplesOf([frame]), [hz]).length > 0)
    assert.equal(leaked.length, 0, `${line.number} heard ${leaked.length} frames of ${hz} Hz among ${frames.length}`)
    assert.ok(frames.length > 0, `${line.number} hears anything at all`)
  }

  /** The request has changed nothing that anybody would notice. */
  async assertUntouched(): Promise<void> {
    assert.deepEqual(await this.#supervisions(), [], 'nobody supervises')
    const ours = [...this.#live.values()].map(({ call }) => call.id)
    assert.deepEqual(await this.#others(ours), [], 'no other call began')
    for (const play of this.#plays) assert.ok(await this.#stands(play), `the call ${play.name} goes on`)
  }

  /** The supervisor's phone rings; he picks up. */
  async picksUp(extension: string): Promise<Line> {
    const line = await this.phone(extension).next('incoming')
    if (line.state === 'incoming') line.answer()
    return line
  }

  /** Who hears whom, by ear, between the customer of a call, its agent, and a supervisor; and no frame of him reached those who may not hear him. */
  async hears(name: string, heard: Readonly<Record<'customer' | 'agent' | 'supervisor', readonly Who[]>>, cast: Cast): Promise<void> {
    const { line } = this.live(name)
    const tones = { customer: outsideTone, agent: toneOf(this.phone(cast.agent)), supervisor: toneOf(this.phone(cast.supervisor)) }
    const hears = (who: Who) => heard[who].map((talker) => tones[talker])
    await hear(
      { line, hears: hears('customer') },
      { line: this.phone(cast.agent).line, hears: hears('agent') },
      { line: this.phone(cast.supervisor).line, hears: hears('supervisor') },
    )
    // Whatever he has just said to the one may still be on its way to the other.
    await pause(100)
    if (!heard.customer.includes('supervisor')) this.#heardNever(line, tones.supervisor)
    if (!heard.agent.includes('supervisor')) this.#heardNever(this.phone(cast.agent).line, tones.supervisor)
  }
}

type Who = 'customer' | 'agent' | 'supervisor'

/** Extensions. */
export interface Cast {
  readonly agent: string
  readonly supervisor: string
}

/** The rows of the contracts' table "Portable semantics". */
export const rows = {
  monitor: { customer: ['agent'], agent: ['customer'], supervisor: ['customer', 'agent'] },
  whisper: { customer: ['agent'], agent: ['customer', 'supervisor'], supervisor: ['customer', 'agent'] },
  barge: { customer: ['agent', 'supervisor'], agent: ['customer', 'supervisor'], supervisor: ['customer', 'agent'] },
} as const satisfies Readonly<Record<string, Readonly<Record<Who, readonly Who[]>>>>

/** The number that was dialled to reach this line. */
export function dialledOf(line: Line): string {
  assert.ok(line.invite !== undefined)
  return uriParts(requestUri(line.invite)).user
}

/** Its last digits, whatever form a number has. */
export const endsIn = (number: string, digits: string): void => assert.ok(number.replaceAll(/\D/g, '').endsWith(digits), number)

export const isActive = (call: CallView, ani: string, extension: string): boolean =>
  call.ani.endsWith(ani) &&
  call.state === 'active' &&
  call.parties.filter(({ state }) => state === 'talking').length === 2 &&
  call.parties.some((party) => party.extension === extension && party.state === 'talking')
