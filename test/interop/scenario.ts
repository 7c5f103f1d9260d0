/**
 * The main scenario of supervision, spoken and heard: a customer calls an agent through the trunk, a supervisor steps in, changes his mode in
 * place, and everybody's ears are compared with the table of docs/hearing.md. The phones are whatever the test brings.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CallControl, CallView, SupervisionView } from '../../testkit/call-control.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { OwnPhone, untilInCall } from '../../testkit/softphones/own.ts'
import type { Ability, Softphone, SoftphoneOptions } from '../../testkit/softphones/softphone.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'

export interface Cast {
  /** The PSTN side: calls from the trunk's port, does not register. */
  readonly customer: (options: SoftphoneOptions & { readonly caller: true }) => Promise<Softphone>
  readonly agent: (options: SoftphoneOptions) => Promise<Softphone>
  readonly supervisor: (options: SoftphoneOptions) => Promise<Softphone>
}

export type Who = 'customer' | 'agent' | 'supervisor' | 'second'
type Ears = Partial<Record<Who, readonly Who[]>>

export const tones: Readonly<Record<Who, number>> = { customer: 400, agent: 550, supervisor: 700, second: 850 }

export const modes = ['monitor', 'whisper', 'private', 'whisper to the customer', 'barge'] as const
export type ModeName = (typeof modes)[number]

export const wishes: Readonly<Record<ModeName, { mode: SupervisionView['mode']; target: 'agent' | 'customer'; private: boolean }>> = {
  monitor: { mode: 'monitor', target: 'agent', private: false },
  whisper: { mode: 'whisper', target: 'agent', private: false },
  private: { mode: 'whisper', target: 'agent', private: true },
  'whisper to the customer': { mode: 'whisper', target: 'customer', private: false },
  barge: { mode: 'barge', target: 'agent', private: false },
}

/** Who hears whom (the hearing table). */
export const ears: Readonly<Record<ModeName, Ears>> = {
  monitor: { supervisor: ['customer', 'agent'], agent: ['customer'], customer: ['agent'] },
  whisper: { supervisor: ['customer', 'agent'], agent: ['customer', 'supervisor'], customer: ['agent'] },
  private: { supervisor: [], agent: ['customer', 'supervisor'], customer: ['agent'] },
  'whisper to the customer': { supervisor: ['customer', 'agent'], agent: ['customer'], customer: ['agent', 'supervisor'] },
  barge: { supervisor: ['customer', 'agent'], agent: ['customer', 'supervisor'], customer: ['agent', 'supervisor'] },
}

/** A walk that changes from every mode into every other one once. */
export const walk: readonly ModeName[] = (() => {
  const steps: ModeName[] = [modes[0]]
  const left = new Set(modes.flatMap((from) => modes.filter((to) => to !== from).map((to) => `${from}>${to}`)))
  const go = (): boolean => {
    if (left.size === 0) return true
    const from = steps.at(-1)
    for (const to of modes) {
      if (!left.delete(`${from}>${to}`)) continue
      steps.push(to)
      if (go()) return true
      steps.pop()
      left.add(`${from}>${to}`)
    }
    return false
  }
  assert.ok(go())
  return steps
})()

/** A live call with its phones. */
export class Stage {
  readonly sotto: Sotto
  readonly phones = new Map<Who, Softphone>()
  #call: string | undefined

  constructor(sotto: Sotto) {
    this.sotto = sotto
  }

  get api(): CallControl {
    return this.sotto.api
  }

  phone(who: Who): Softphone {
    const phone = this.phones.get(who)
    assert.ok(phone !== undefined, `no ${who} is on the stage`)
    return phone
  }

  get callId(): string {
    assert.ok(this.#call !== undefined, 'no call is up')
    return this.#call
  }

  /** The customer dials, or whoever `dial` says; the called phone answers by itself. */
  async connect(dial: () => Promise<void> = () => this.phone('customer').call('+18661234568')): Promise<void> {
    await eventually('the last call is over', async () => (await this.api.calls()).length === 0)
    await dial()
    const call = await eventually('an active call', async () => (await this.api.calls()).find((c) => c.state === 'active'), 10_000)
    this.#call = call.id
    await this.hear({ customer: ['agent'], agent: ['customer'] })
  }

  async supervise(extension: string, name: ModeName): Promise<SupervisionView> {
    const wish = { ...wishes[name], supervisor: { extension }, autoAnswer: true }
    const { id } = await this.api.supervise(this.callId, wish)
    const isActive = async () => {
      const now = await this.api.supervision(id)
      return now.state === 'active' ? now : undefined
    }
    return eventually(`supervision by ${extension} active`, isActive, 10_000)
  }

  /** Everybody named hears exactly those, soon, and still a moment later. */
  async hear(expected: Ears): Promise<void> {
    await Promise.all(Object.entries(expected).map(([listener, talkers]) => this.#hears(listener as Who, talkers)))
    await pause(150)
    await Promise.all(Object.entries(expected).map(([listener, talkers]) => this.#hears(listener as Who, talkers, 0)))
  }

  async end(): Promise<void> {
    await this.api.end(this.callId)
    await this.over()
  }

  async over(): Promise<CallView> {
    await Promise.all([...this.phones.values()].map((phone) => untilInCall(phone, false)))
    return eventually('the call has ended', async () => {
      const call = await this.api.call(this.callId)
      return call.state === 'ended' ? call : undefined
    })
  }

  async #hears(listener: Who, talkers: readonly Who[], patienceMs = 700): Promise<void> {
    const phone = this.phone(listener)
    const wanted = talkers.map((who) => tones[who]).sort((a, b) => a - b)
    const heard = async () => String(await phone.tones(100)) === String(wanted)
    const lag = patienceMs === 0 ? 60 : patienceMs + phone.lagMs
    await eventually(`${listener} hears [${talkers}]`, heard, lag).catch(async (error: Error) => {
      throw new Error(`${error.message}, but ${String(await phone.tones(100)) || 'nobody'} (${JSON.stringify(tones)})`)
    })
  }
}

/** Registers the scenario's tests, in order, on one server. */
export function playScenario(
  title: string,
  cast: Cast,
  options: { readonly skip: string | false; readonly cannot?: readonly Ability[] },
): void {
  const stage: { now?: Stage } = {}
  const on = (): Stage => {
    assert.ok(stage.now !== undefined, 'the stage was not set')
    return stage.now
  }
  const play = (name: string, act: (stage: Stage) => Promise<void>) =>
    test(`${title}: ${name}`, { skip: options.skip, timeout: 120_000 }, () => act(on()))
  if (options.skip === false) {
    before(async () => {
      stage.now = await setStage(cast)
    })
    after(() => strike(stage.now))
  }
  play('each mode hears what the table says, and every change between two modes is in place', everyMode)
  const able = (ability: Ability) => !(options.cannot ?? []).includes(ability)
  if (able('hold')) play('the phone of the agent holds and resumes while a supervisor listens', phoneHold)
  play('the desk holds the customer while the supervisor coaches the agent', deskHold)
  play('two supervisors with a mode each', twoSupervisors)
  play('the supervisor hangs up and the call goes on; the customer hangs up and it ends', hangUps)
  if (able('transfer')) play('the phone of the agent transfers blind, and the supervision follows', blindTransfer)
  play('the desk transfers to another agent, and the supervision follows', deskTransfer)
}

export async function setStage(cast: Cast): Promise<Stage> {
  const sotto = await startSotto()
  const stage = new Stage(sotto)
  const put = async (who: Who, phone: Promise<Softphone>) => stage.phones.set(who, await phone)
  const at = (extension: string, who: Who) => ({ server: sotto.sip, http: sotto.http, ...reference.phone(extension), tone: tones[who] })
  const customer = {
    server: sotto.sip,
    user: '+442071838750',
    tone: tones.customer,
    port: sotto.trunkPort,
    autoAnswer: true,
    caller: true,
  } as const
  const starting = [
    put('customer', cast.customer(customer)),
    put('agent', cast.agent(at('106', 'agent'))),
    put('supervisor', cast.supervisor(at('101', 'supervisor'))),
    put('second', OwnPhone.start(at('024', 'second'))),
  ]
  const failed = (await Promise.allSettled(starting)).find((outcome) => outcome.status === 'rejected')
  if (failed === undefined) return stage
  await strike(stage)
  throw failed.reason
}

export async function strike(stage: Stage | undefined): Promise<void> {
  await Promise.all([...(stage?.phones.values() ?? [])].map((phone) => phone.stop()))
  await stage?.sotto.stop()
}

async function everyMode(stage: Stage): Promise<void> {
  await stage.connect()
  const { id } = await stage.supervise('101', walk[0] ?? 'monitor')
  for (const name of walk) {
    const { callId, mode } = await stage.api.change(id, wishes[name])
    assert.deepEqual([callId, mode], [stage.callId, wishes[name].mode])
    await stage.hear(ears[name])
  }
  await stage.api.endSupervision(id)
  await stage.hear({ customer: ['agent'], agent: ['customer'] })
  await untilInCall(stage.phone('supervisor'), false)
  await stage.end()
}

async function phoneHold(stage: Stage): Promise<void> {
  await stage.connect()
  await stage.supervise('101', 'monitor')
  await stage.phone('agent').hold()
  await eventually('the call is held', async () => (await stage.api.call(stage.callId)).state === 'held')
  await stage.hear({ customer: [], supervisor: ['customer'] })
  await stage.phone('agent').resume()
  await stage.hear(ears.monitor)
  await stage.end()
}

async function deskHold(stage: Stage): Promise<void> {
  await stage.connect()
  await stage.supervise('101', 'whisper')
  const { parties } = await stage.api.call(stage.callId)
  const customer = parties.find((party) => party.role === 'customer')?.id ?? ''
  await stage.api.party(stage.callId, customer, 'hold')
  await stage.hear({ customer: [], agent: ['supervisor'], supervisor: ['agent'] })
  await stage.api.party(stage.callId, customer, 'unhold')
  await stage.hear(ears.whisper)
  await stage.api.party(stage.callId, customer, 'mute')
  await stage.hear({ customer: ['agent'], agent: ['supervisor'], supervisor: ['agent'] })
  await stage.end()
}

async function twoSupervisors(stage: Stage): Promise<void> {
  await stage.connect()
  await stage.supervise('101', 'whisper')
  const second = await stage.supervise('024', 'monitor')
  await stage.hear({ ...ears.whisper, second: ['customer', 'agent'] })
  await stage.api.change(second.id, wishes.barge)
  await stage.hear({
    customer: ['agent', 'second'],
    agent: ['customer', 'supervisor', 'second'],
    supervisor: ['customer', 'agent', 'second'],
    second: ['customer', 'agent'],
  })
  await stage.api.endSupervision(second.id)
  await stage.hear(ears.whisper)
  await stage.end()
}

async function hangUps(stage: Stage): Promise<void> {
  await stage.connect()
  const { id } = await stage.supervise('101', 'barge')
  await stage.hear(ears.barge)
  await stage.phone('supervisor').hangUp()
  await eventually('the supervision has ended', async () => (await stage.api.supervision(id)).state === 'ended')
  await stage.hear({ customer: ['agent'], agent: ['customer'] })
  await stage.phone('customer').hangUp()
  const call = await stage.over()
  assert.equal(call.endReason, 'hangup')
}

async function blindTransfer(stage: Stage): Promise<void> {
  await transferred(stage, () => stage.phone('agent').transfer('210'))
}

async function deskTransfer(stage: Stage): Promise<void> {
  await transferred(stage, async () => {
    await stage.api.transfer(stage.callId, { to: { extension: '210' }, type: 'blind' })
  })
}

/** Another agent answers; the supervisor coaches him now, the first agent is out. */
async function transferred(stage: Stage, transfer: () => Promise<void>): Promise<void> {
  const { sip } = stage.sotto
  const next = await OwnPhone.start({ server: sip, ...reference.phone('210'), tone: tones.second })
  const first = stage.phone('agent')
  const other = stage.phone('second')
  try {
    await stage.connect()
    await stage.supervise('101', 'whisper')
    await transfer()
    await untilInCall(next)
    await untilInCall(first, false)
    stage.phones.set('second', next)
    await stage.hear({ customer: ['second'], second: ['customer', 'supervisor'], supervisor: ['customer', 'second'] })
    await stage.end()
  } finally {
    stage.phones.set('second', other)
    await next.stop()
  }
}
