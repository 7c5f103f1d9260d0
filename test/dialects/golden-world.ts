/** What a contract says about the world of its golden examples, for the runner. */
import assert from 'node:assert/strict'
import { pause } from '../../testkit/phone-wait.ts'
import type { Example } from './golden-grammar.ts'
import type { Play, Server, Stage } from './stage.ts'
import type { Reply, Sending } from './wire.ts'

/** Literal texts of the contract, and what they are in this world: ids and times of calls. */
export type Literals = Readonly<Record<string, string>>

export type Swaps = readonly (readonly [was: string, is: string])[]

/** What an example's title says in brackets: the same with another request, and perhaps another answer. */
export interface Variant {
  readonly of: string
  readonly what: string
  readonly request?: Swaps
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  readonly answer?: Swaps
}

/** An example as it was played. */
export interface Played {
  readonly stage: Stage
  readonly example: Example
  readonly reply: Reply
  /** Asks again as another example does, in this world, and returns the answer and what its example says. */
  replay(id: string): Promise<{ readonly reply: Reply; readonly expected: string }>
}

export interface World {
  readonly name: string
  /** Who is registered. */
  readonly phones: readonly string[]
  /** Moods of phones and states of agents. */
  enter?(stage: Stage, tokens: Tokens): Promise<void>
  /** The calls, oldest first. */
  plays(id: string): readonly Play[]
  /** What else an example needs, when its calls are there. */
  prepare?(stage: Stage, id: string): Promise<void>
  literals(stage: Stage, tokens: Tokens): Promise<Literals>
  /** Examples in which none of these occurs are played as they are printed. */
  readonly adapts: RegExp
  /** What the placeholders of requests stand for; each is asked once. */
  readonly tokens: Readonly<Record<string, (stage: Stage) => Promise<string>>>
  /** Where lapsed tokens are known; default the server where they live for a second. */
  readonly lapses?: 'aging'
  /** What a user would notice after the answer. */
  readonly afterwards: Readonly<Record<string, (played: Played) => Promise<void>>>
  readonly variants: readonly Variant[]
}

export type Tokens = (name: string) => Promise<string>

/** Logs in and takes a member of the answer. */
export async function loggedIn(stage: Stage, sending: Sending, member: string, at: Server = 'centre'): Promise<string> {
  const reply = await stage.send(sending, at)
  assert.ok(reply.status === 200, `${sending.target}: ${reply.status} ${reply.text}`)
  const answer: unknown = JSON.parse(reply.text)
  const token = typeof answer === 'object' && answer !== null ? Object.entries(answer).find(([name]) => name === member)?.[1] : undefined
  assert.ok(typeof token === 'string' && token !== '', `${sending.target}: ${member} in ${reply.text}`)
  return token
}

/** A token of the server where they live for a second, after that second. */
export async function lapsed(stage: Stage, sending: Sending, member: string): Promise<string> {
  const token = await loggedIn(stage, sending, member, 'lapsing')
  await pause(1_100)
  return token
}

/** An example whose request or answer differs by some texts. */
export function varied(example: Example, { what, request = [], headers = [], body, answer = [] }: Variant): Example {
  const swap = (swaps: Swaps) => (text: string) => swaps.reduce((now, [was, is]) => now.split(was).join(is), text)
  const [changed, expected] = [swap(request), swap(answer)]
  const { request: asked, answer: said } = example
  const words = body ?? asked.body
  const told = said.body
  return {
    id: example.id,
    title: what,
    request: {
      method: changed(asked.method),
      target: changed(asked.target),
      headers: [...asked.headers.map(([name, value]) => [name, changed(value)] as const), ...headers],
      ...(words === undefined ? {} : { body: changed(words) }),
    },
    answer: {
      status: Number(expected(`=> ${said.status}`).slice(3)),
      headers: said.headers.map(([name, value]) => [name, expected(value)] as const),
      ...(told === undefined ? {} : { body: expected(told) }),
    },
  }
}
