/**
 * A process of the launcher's that carries no calls, so that a test can watch only how processes live and die. What it does comes from
 * the environment: CHILD_REFUSES (a setting), CHILD_SILENT (never ready), CHILD_DRAIN_MS (how long it goes on after SIGTERM).
 */
import type { ChildMessage } from '../../src/kernel/launch.ts'

const name = process.argv[2] ?? 'child'
const say = (what: string) => process.stdout.write(`${name} ${process.pid} ${what}\n`)
const tell = (message: ChildMessage) => process.send?.(message)
const { CHILD_REFUSES, CHILD_SILENT, CHILD_DRAIN_MS, SOTTO_HTTP } = process.env

say(SOTTO_HTTP === undefined ? 'started' : `started for ${SOTTO_HTTP}`)
process.once('disconnect', () => process.exit())
const untilSignal = setInterval(() => undefined, 1_000)

process.once('SIGTERM', () => {
  say('drains')
  process.once('SIGTERM', () => process.exit())
  setTimeout(
    () => {
      say('ends')
      clearInterval(untilSignal)
      process.disconnect()
    },
    Number(CHILD_DRAIN_MS ?? 0),
  )
})

if (name === 'control') {
  if (CHILD_REFUSES !== undefined) {
    tell({ kind: 'refused', setting: CHILD_REFUSES, why: '127.0.0.1 port 8080 is in use by another program' })
    process.exitCode = 1
    process.disconnect()
    clearInterval(untilSignal)
  } else if (CHILD_SILENT === undefined) tell({ kind: 'ready', http: 'http://127.0.0.1:8080', sip: ['udp:127.0.0.1:5060'] })
}
