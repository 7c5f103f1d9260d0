import { createCipheriv, randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../kernel/random.ts'
import type { NewBlockCipher } from '../media/srtp.ts'

/** One cipher object per key for life: ECB has no state between blocks, and creating a cipher per packet costs more than the AES itself. */
export const newBlockCipher: NewBlockCipher = (key) => {
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  return (blocks) => cipher.update(blocks)
}

export const systemRandom: Random = {
  integer: (below) => randomInt(below),
  hex: (bytes) => randomBytes(bytes).toString('hex'),
}
