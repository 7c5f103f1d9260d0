/** A process with an outbox that is put into without end, and that is killed in the middle of it: `node outbox-child.ts folder url first`. */
import { writeSync } from 'node:fs'
import { openOutbox } from '../src/edge/outbox.ts'
import { PermittedTargets } from '../src/edge/permitted-targets.ts'
import { poster } from '../src/edge/poster.ts'
import { systemRandom } from '../src/edge/random.ts'
import { silent } from '../src/kernel/log.ts'
import { instant } from '../src/kernel/time.ts'
import { accountA } from './desk.ts'

const [, , folder = '', url = '', first = '0'] = process.argv
const targets = new PermittedTargets(['127.0.0.0/8'])
const { outlet } = openOutbox({ folder, targets, post: poster(targets, 5_000), random: systemRandom, log: silent, segmentBytes: 30_000 })
const secrets = [{ secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` }]
await outlet.keep({ id: 'wh_1', account: accountA, url, types: [], createdAt: instant(0), secrets })

/** Told only after it was put in: what was told must arrive. One that was put in and not told is put in again, under the same id. */
let next = Number(first)
setInterval(() => {
  outlet.seen(accountA, String(next), [{ id: `wh_1_${next}`, webhook: 'wh_1', lane: `call ${next % 5}`, body: JSON.stringify({ next }) }])
  writeSync(1, `${next}\n`)
  next += 1
}, 1)
setTimeout(() => process.exit(1), 20_000)
