import { randomFillSync, randomInt } from 'node:crypto'
import type { Random } from '../kernel/random.ts'

/** Drawn in one go: a call needs some twenty ids and branches, and each draw of its own costs as much as hundreds of bytes. */
const drawn = Buffer.alloc(4_096)
let used = drawn.length

/** Unguessable, from the system. */
export const systemRandom: Random = {
  integer: (below) => randomInt(below),
  hex(bytes) {
    if (used + bytes > drawn.length) {
      randomFillSync(drawn)
      used = 0
    }
    used += bytes
    return drawn.toString('hex', used - bytes, used)
  },
}
