/**
 * The page in headless Chromium on a real server: from a click to the first sound, from a key to the agent's ear, what it costs with 500 live
 * calls, and what it weighs.
 *   npm run bench -- wallboard [--only sound,mode,calls,weight] [--samples 20] [--calls 500] [--seconds 30] [--profile]
 */
import { parseArgs } from 'node:util'
import { printMachine } from './kit/machine.ts'
import { measureModes, measureSound } from './wallboard/delays.ts'
import { measureCalls } from './wallboard/many-calls.ts'
import { measureWeight } from './wallboard/weight.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'sound,mode,calls,weight' },
    samples: { type: 'string', default: '20' },
    calls: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '30' },
    /** Prints where the page's own time goes. */
    profile: { type: 'boolean', default: false },
  },
})
const parts = new Set(values.only.split(','))
const samples = Number(values.samples)

printMachine('The wallboard in Chromium')
const figures: Record<string, unknown> = {}
if (parts.has('sound')) figures.sound = await measureSound(samples)
if (parts.has('mode')) figures.mode = await measureModes(samples)
if (parts.has('weight')) figures.weight = await measureWeight()
if (parts.has('calls')) {
  const asked = { calls: Number(values.calls), seconds: Number(values.seconds), profile: values.profile }
  figures.calls = await measureCalls(asked)
}
console.log(JSON.stringify(figures))
process.exit()
