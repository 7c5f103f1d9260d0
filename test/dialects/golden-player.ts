/** Plays golden examples in the world of their contract. */
import assert from 'node:assert/strict'
import type { Example } from './golden-grammar.ts'
import { assertAnswer, filled, mapped } from './golden-match.ts'
import type { Literals, Played, Tokens, World } from './golden-world.ts'
import type { Stage } from './stage.ts'
import type { Reply } from './wire.ts'

/** Tokens that the server of the calls does not know. */
const lapsing = /\{\{(lapsed|tok-old|refresh)\}\}/

export class Player {
  readonly #stage: () => Stage
  readonly #world: World
  readonly #examples: readonly Example[]
  readonly #tokens = new Map<string, Promise<string>>()
  #literals: { readonly edition: string; readonly known: Literals } | undefined

  /** `stage` is asked for when it is open. */
  constructor(stage: () => Stage, world: World, examples: readonly Example[]) {
    this.#stage = stage
    this.#world = world
    this.#examples = examples
  }

  async enter(): Promise<void> {
    await this.#stage().cast(this.#world.phones)
    await this.#world.enter?.(this.#stage(), this.token)
    // It takes its time to lapse while others are played.
    for (const name of ['lapsed', 'tok-old'].filter((n) => n in this.#world.tokens)) this.token(name).catch(() => {})
  }

  example(id: string): Example {
    const found = this.#examples.find((example) => example.id === id)
    assert.ok(found !== undefined, id)
    return found
  }

  token: Tokens = (name) => {
    const known = this.#tokens.get(name)
    if (known !== undefined) return known
    const made = this.#world.tokens[name]?.(this.#stage()) ?? Promise.reject(new Error(`nobody knows {{${name}}}`))
    this.#tokens.set(name, made)
    return made
  }

  /** `alone`: a variant, of which nobody hears. */
  async play(example: Example, { alone = false } = {}): Promise<void> {
    await this.#stage().restore(this.#world.plays(example.id))
    await this.#world.prepare?.(this.#stage(), example.id)
    const { reply, answer } = await this.#ask(example)
    assertAnswer(reply, answer)
    const afterwards = alone ? undefined : this.#world.afterwards[example.id]
    if (afterwards === undefined) await this.#stage().assertUntouched()
    else await afterwards({ stage: this.#stage(), example, reply, replay: (id) => this.#replay(id) })
  }

  #replay: Played['replay'] = async (id) => {
    const { reply, answer } = await this.#ask(this.example(id))
    return { reply, expected: answer.body ?? '' }
  }

  async #ask({ request, answer }: Example): Promise<{ readonly reply: Reply; readonly answer: Example['answer'] }> {
    const needed = [...JSON.stringify(request).matchAll(/\{\{([a-z0-9-]+)\}\}/g)].map(([, name = '']) => name)
    const values = new Map(await Promise.all(needed.map(async (name) => [name, await this.token(name)] as const)))
    const literals = this.#world.adapts.test(JSON.stringify({ request, answer })) ? await this.#adapted() : {}
    const adapt = (text: string) => Object.entries(literals).reduce((now, [was, is]) => now.replaceAll(was, is), text)
    const sent = filled(mapped(request, adapt), (name) => values.get(name) ?? '')
    const at = lapsing.test(JSON.stringify(request)) ? (this.#world.lapses ?? 'lapsing') : 'centre'
    const reply = await this.#stage().send(sent, at)
    return { reply, answer: mapped(answer, adapt) }
  }

  async #adapted(): Promise<Literals> {
    if (this.#literals?.edition !== this.#stage().edition) {
      this.#literals = { edition: this.#stage().edition, known: await this.#world.literals(this.#stage(), this.token) }
    }
    return this.#literals.known
  }
}
