/** Listening, whispering, stepping in: what the supervisor does. */
import { effect, signal } from '@preact/signals'
import type { Answer, Call, Problem, Supervision } from '../api/types.ts'
import { wakeEars } from '../audio/ears.ts'
import { whenMicrophoneGoes } from '../audio/microphone.ts'
import { callOf } from '../state/floor.ts'
import { agentParty, farParty, labelOf, type Stance, wishes } from '../state/people.ts'
import { isHeard, type Strip, type StripMode } from '../state/strips.ts'
import { t } from '../strings/index.ts'
import { removeParty } from './call-acts.ts'
import { assign, lines, mended, openLine, prepared } from './lines.ts'
import { floor, learnCall, learnSupervision } from './live.ts'
import { announce, complain } from './notices.ts'
import { device } from './prefs.ts'
import { client, session } from './session.ts'
import { choose, current, stripOn, strips } from './strips.ts'
import { granted, microphoneReady, micStrip, restUnlessGranted, silence, speakOn, standBy, tellFault } from './voice.ts'

/** Calls for which something was asked that has not been answered. */
export const pending = signal<ReadonlySet<string>>(new Set())

async function during<T>(call: string, work: () => Promise<T>): Promise<T> {
  pending.value = new Set([...pending.value, call])
  try {
    return await work()
  } finally {
    pending.value = new Set([...pending.value].filter((id) => id !== call))
  }
}

/** `also`: beside what is heard already, on a line of its own. Otherwise the current line moves over. */
export async function listen(call: string, also = false): Promise<Strip | undefined> {
  wakeEars()
  const there = stripOn(call)
  if (there !== undefined) {
    choose(there.key)
    if (there.mode !== 'monitor' && there.mode !== 'handling') await stand(there, 'monitor')
    return there
  }
  return during(call, () => attach(call, also))
}

async function attach(call: string, also: boolean): Promise<Strip | undefined> {
  const supervisor = await seat(also)
  if (isProblem(supervisor)) {
    complain(supervisor)
    return undefined
  }
  const answer = await begin(call, supervisor)
  if (!answer.ok) {
    complain(answer.problem)
    return undefined
  }
  if (supervisor.line !== undefined) assign(supervisor.line, answer.value.id, call)
  choose(supervisor.line ?? answer.value.id)
  await known(answer.value.id)
  const strip = stripOn(call)
  if (strip !== undefined) tellStance(call, strip.mode)
  return strip
}

/** A line that was lost just now is laid anew first; nobody has to click twice for that. */
async function begin(call: string, supervisor: Seat): Promise<Answer<Supervision>> {
  const ask = () => client.post<Supervision>(`/calls/${call}/supervisions`, { supervisor, mode: 'monitor', autoAnswer: true })
  const answer = await ask()
  const isLost = !answer.ok && answer.problem.code === 'endpoint-unavailable'
  return isLost && supervisor.line !== undefined && (await mended(supervisor.line)) ? ask() : answer
}

/** The event that brings the supervision is on its way when its answer is here. */
function known(supervision: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(), 2_000)
    const stop = effect(() => {
      if (strips.value.some((strip) => strip.supervision.id === supervision)) queueMicrotask(() => end())
    })
    const end = (): void => {
      clearTimeout(timer)
      stop()
      resolve()
    }
  })
}

type Seat = { readonly line: string; readonly extension?: undefined } | { readonly extension: string; readonly line?: undefined }

const isProblem = (seat: Seat | Problem): seat is Problem => 'code' in seat

async function seat(also: boolean): Promise<Seat | Problem> {
  const [phone] = session.value?.extensions ?? []
  if (device.value === 'phone' && phone !== undefined) return { extension: phone }
  await prepared
  const idle = lines.value.find((own) => own.line.state !== 'closed' && !strips.value.some(({ key }) => key === own.line.id))
  const moving = also ? undefined : current.value
  if (moving !== undefined && 'line' in moving.through && moving.mode !== 'handling') {
    // A whisper that the server has not answered yet must not speak in the next call.
    wanted.set(moving.key, 'monitor')
    await silence(moving.through.line)
    return moving.through
  }
  const own = idle ?? (await openLine())
  return 'code' in own ? own : { line: own.line.id }
}

/** One change after the other, or a release could overtake its press. */
const turns = new Map<string, Promise<unknown>>()

function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(key) ?? Promise.resolve()).then(work, work)
  turns.set(key, turn)
  return turn
}

/** What is wanted of each strip last; whoever asked for something else before no longer gets the microphone. */
const wanted = new Map<string, Stance | 'handling'>()

export async function stand(strip: Strip, stance: Stance): Promise<boolean> {
  const { key, through } = strip
  if (stance === 'monitor') return backToListening(strip)
  choose(key)
  wanted.set(key, stance)
  if ('line' in through && !(await microphoneReady())) return false
  await quietOthers(key)
  // Whoever let go while the browser asked for the microphone does not want to be heard any more.
  const done = wanted.get(key) === stance && (await inTurn(key, () => during(strip.call.id, () => changeStance(strip, stance))))
  restUnlessGranted()
  return done
}

/** Silent here first, and then for the server. */
async function backToListening(strip: Strip): Promise<boolean> {
  wanted.set(strip.key, 'monitor')
  if ('line' in strip.through) await silence(strip.through.line)
  return inTurn(strip.key, () => during(strip.call.id, () => changeStance(strip, 'monitor')))
}

async function changeStance({ key, supervision, call, through }: Strip, stance: Stance): Promise<boolean> {
  const speaks = stance !== 'monitor' && 'line' in through
  if (speaks) void standBy(through.line, () => wanted.get(key) === stance)
  const answer = await client.patch<Supervision>(`/supervisions/${supervision.id}`, wishes[stance])
  if (!answer.ok) {
    if (speaks && granted() !== through.line) await silence(through.line)
    complain(answer.problem)
    return false
  }
  learnSupervision(answer.value)
  if (speaks && wanted.get(key) === stance)
    await speakOn({ line: through.line, supervision: supervision.id, revision: answer.value.revision })
  tellStance(call.id, stance)
  return true
}

/** By key or button: a press of the mode that is on goes back to listening. */
export async function toggle(call: string, stance: Stance): Promise<void> {
  const strip = stripOn(call) ?? (await listen(call))
  if (strip === undefined || strip.mode === 'handling') return
  const standing = pending.value.has(call) ? wanted.get(strip.key) : strip.mode
  await stand(strip, standing === stance ? 'monitor' : stance)
}

let pressed: { readonly key: string; readonly call: string } | undefined

/** Push-to-whisper, from listening only: whoever is heard already stays so. */
export async function press(stance: Stance = 'whisper-agent', call?: string): Promise<void> {
  const strip = call === undefined ? current.value : stripOn(call)
  if (pressed !== undefined || strip?.mode !== 'monitor') return
  pressed = { key: strip.key, call: strip.call.id }
  await stand(strip, stance)
}

export async function release(): Promise<void> {
  if (pressed === undefined) return
  const strip = strips.value.find(({ key }) => key === pressed?.key)
  pressed = undefined
  if (strip !== undefined) await stand(strip, 'monitor')
}

export const isPressed = (): boolean => pressed !== undefined

export async function takeOver(call: string): Promise<void> {
  const strip = stripOn(call) ?? (await listen(call))
  if (strip === undefined) return
  const { key, through } = strip
  if ('line' in through && !(await microphoneReady())) return
  wanted.set(key, 'handling')
  await quietOthers(key)
  await inTurn(key, () => during(call, () => changeHands(strip)))
  restUnlessGranted()
}

async function changeHands({ key, supervision, through }: Strip): Promise<void> {
  const answer = await client.post<Call>(`/supervisions/${supervision.id}/take-over`)
  if (!answer.ok) return complain(answer.problem)
  learnCall(answer.value)
  if ('line' in through && wanted.get(key) === 'handling')
    await speakOn({ line: through.line, supervision: supervision.id, revision: supervision.revision + 1 })
  announce(t('said.handling'))
}

export async function leave(strip: Strip): Promise<void> {
  if ('line' in strip.through) await silence(strip.through.line)
  wanted.delete(strip.key)
  if (strip.mode === 'handling') {
    await removeParty(strip.call.id, strip.partyId)
    return
  }
  const answer = await inTurn(strip.key, () => client.delete<Supervision>(`/supervisions/${strip.supervision.id}`))
  if (answer.ok) {
    learnSupervision(answer.value)
    announce(t('said.left'))
  } else complain(answer.problem)
}

/** The microphone goes back to a call that was taken over, after a whisper elsewhere. */
export async function speakHere(strip: Strip): Promise<void> {
  if (!('line' in strip.through) || !(await microphoneReady())) return
  await quietOthers(strip.key)
  await speakOn({ line: strip.through.line, supervision: strip.supervision.id, revision: strip.supervision.revision })
}

/** A voice is heard in one place: whoever whispers here whispers nowhere else. */
async function quietOthers(key: string): Promise<void> {
  const others = strips.value.filter((strip) => strip.key !== key && 'line' in strip.through)
  for (const { through } of others) if ('line' in through) await silence(through.line)
  await Promise.all(others.filter(({ mode }) => isHeard(mode) && mode !== 'handling').map((strip) => stand(strip, 'monitor')))
}

whenMicrophoneGoes(() => {
  const [line, strip] = [granted(), micStrip.peek()]
  if (line === undefined) return
  tellFault('gone')
  if (strip === undefined || strip.mode === 'handling') void silence(line)
  else void stand(strip, 'monitor')
})

/** After a reload nobody speaks by surprise: where the microphone was open, the line only listens again. */
export function settleAfterReload(): void {
  for (const strip of strips.value) {
    if ('line' in strip.through && granted() !== strip.key && isHeard(strip.mode) && strip.mode !== 'handling') void stand(strip, 'monitor')
  }
}

function tellStance(id: string, stance: StripMode): void {
  const call = callOf(floor.value, id)
  if (call === undefined) return
  const [agent, customer] = [agentParty(call), farParty(call)]
  const names = { agent: agent === undefined ? '' : labelOf(agent), customer: customer === undefined ? '' : labelOf(customer) }
  announce(t(`said.${stance}`, names))
}
