/** What a supervisor waits for: the first sound after a click, and his agent's ear after a key. */

import { samplesOf } from '../../testkit/phone-heard.ts'
import { tonesIn } from '../../testkit/phone-tones.ts'
import { pause, soon } from '../../testkit/phone-wait.ts'
import { Samples } from '../kit/samples.ts'
import { Desk, epochOf, rows, tones } from './desk.ts'

const patienceMs = 10_000

export interface Delays {
  readonly n: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

const told = (samples: Samples): Delays => ({ n: samples.count, p50: samples.at(0.5), p95: samples.at(0.95), max: samples.at(1) })

export async function measureSound(count: number): Promise<object> {
  const desk = await Desk.open()
  try {
    const cold = await coldClicks(desk, count)
    const [warm, moved] = [new Samples(), new Samples()]
    for (let n = 0; n < count; n += 1) {
      warm.add(await desk.sound(tones.ben, () => desk.click(rows.ben)))
      moved.add(await desk.sound(tones.cora, () => desk.click(rows.cora)))
      await desk.leave()
    }
    const latencyMs = await desk.person.page.evaluate(() => window.sottoBench.latencyMs())
    console.log(cold.line('click → sound, a line has to be opened first'))
    console.log(warm.line('click → sound, the line is open'))
    console.log(moved.line('click → sound of another call'))
    console.log(`the browser's own output comes after that: ${latencyMs.toFixed(1)} ms\n`)
    return { cold: told(cold), warm: told(warm), moved: told(moved), latencyMs }
  } finally {
    await desk.close()
  }
}

/** After a reload, whose line in advance is closed again. */
async function coldClicks(desk: Desk, count: number): Promise<Samples> {
  const cold = new Samples()
  const { page } = desk.person
  for (let n = 0; n < count; n += 1) {
    await page.reload()
    await desk.person.row(rows.ben).waitFor()
    await desk.closeLines()
    cold.add(
      await soon(
        desk.sound(tones.ben, () => desk.click(rows.ben)),
        'a sound',
        patienceMs,
      ),
    )
    await desk.leave()
  }
  return cold
}

interface Switch {
  readonly name: string
  down(): Promise<unknown>
  up(): Promise<unknown>
}

export async function measureModes(count: number): Promise<object> {
  const desk = await Desk.open()
  const { keyboard } = desk.person.page
  const switches: readonly Switch[] = [
    { name: 'whisper', down: () => keyboard.down(' '), up: () => keyboard.up(' ') },
    { name: 'barge', down: () => keyboard.press('b'), up: () => keyboard.press('m') },
  ]
  try {
    await desk.sound(tones.ben, () => desk.click(rows.ben))
    const first = await reach(desk, switches[0] as Switch)
    console.log(`key → agent's ear, the microphone has to be opened first: ${first.toFixed(0)} ms`)
    const figures: Record<string, unknown> = { first }
    for (const each of switches) {
      const delays = new Samples()
      for (let n = 0; n < count; n += 1) delays.add(await reach(desk, each))
      console.log(delays.line(`key → agent's ear, ${each.name}`))
      figures[each.name] = told(delays)
    }
    console.log()
    return figures
  } finally {
    await desk.close()
  }
}

/** From the key until the agent's phone has the first frame with the supervisor's tone. */
async function reach(desk: Desk, { down, up }: Switch): Promise<number> {
  await quiet(desk)
  const { page } = desk.person
  await page.evaluate(() => window.sottoBench.arm(0))
  const before = performance.now()
  await down()
  const pressedAt = await page.evaluate(() => window.sottoBench.pressedAt)
  const end = performance.now() + patienceMs
  for (;;) {
    const frame = desk.ben.line.heard.recent(end - before, performance.now()).find((each) => each.at > before && hasTone(each))
    if (frame !== undefined) {
      await pause(200)
      await up()
      return epochOf(frame.at) - pressedAt
    }
    if (performance.now() > end) throw new Error('the agent heard nothing')
    await pause(10)
  }
}

const hasTone = (frame: Parameters<typeof samplesOf>[0][number]): boolean => tonesIn(samplesOf([frame]), [tones.own]).length > 0

async function quiet(desk: Desk): Promise<void> {
  while (desk.ben.line.heard.recent(200).some(hasTone)) await pause(20)
  await pause(200 + Math.random() * 200)
}
