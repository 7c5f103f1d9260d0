import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../kernel/random.ts'

/** Unguessable, from the system. */
export const systemRandom: Random = {
  integer: (below) => randomInt(below),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
}
