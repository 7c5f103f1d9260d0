/** `npm run bench -- NAME [options of its own]`: one measurement, in a process of its own that ends by itself or is ended. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What each is for, and how long it may take before it counts as hung. */
const benches: Readonly<Record<string, { readonly what: string; readonly limitS: number }>> = {
  setups: { what: 'SIP calls set up and torn down per second', limitS: 180 },
  supervised: { what: 'delays that a supervisor and an agent notice', limitS: 180 },
  api: { what: 'HTTP requests beside live calls', limitS: 120 },
  dialects: { what: 'the lists and the whisper of the five dialects', limitS: 240 },
  resources: { what: 'memory and processor time of a call', limitS: 240 },
  'api-calls': { what: 'the list of calls without calls: HTTP and JSON alone', limitS: 60 },
  'media-load': { what: 'the media process alone under many legs', limitS: 300 },
  'browser-legs': { what: "browsers' legs: processor time, gaps, stalled tracks", limitS: 1_200 },
  wallboard: { what: 'the page: click to sound, key to ear, 500 calls, weight', limitS: 600 },
  takeover: { what: 'what listeners miss when media dies and its standby goes on', limitS: 240 },
  recovery: { what: 'how long control is away after kill -9, against the number of live calls', limitS: 300 },
  log: { what: 'the log: what a line costs, and how long a restart reads', limitS: 120 },
  recordings: { what: 'recordings that are over: checksums, FLAC, storage', limitS: 300 },
  store: { what: 'rows that the history takes durably per second', limitS: 120 },
  soak: { what: 'hours of random operations: does anything leak?', limitS: 48 * 3_600 },
}

const [name = '', ...args] = process.argv.slice(2)
const bench = benches[name]
const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
if (bench === undefined || !existsSync(file)) {
  const list = Object.entries(benches).map(([known, { what }]) => `  ${known.padEnd(12)} ${what}`)
  console.error(`npm run bench -- NAME [options]\n${list.join('\n')}`)
  process.exit(2)
}

// Datagrams are short-lived objects: with the usual young generation the load would lag behind what it measures.
const child = spawn(process.execPath, ['--max-semi-space-size=64', file, ...args], { stdio: 'inherit' })
const hung = setTimeout(() => {
  console.error(`${name} did not end within ${bench.limitS} s`)
  child.kill('SIGTERM')
}, bench.limitS * 1000)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => {
  clearTimeout(hung)
  process.exitCode = code ?? 1
})
