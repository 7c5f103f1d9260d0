/** The wallboard for tests that look at it: built once, whoever asks first; others wait for that. */
import { buildWallboard } from '../src/edge/wallboard-build.ts'
import { wallboardPlace } from '../src/edge/wallboard-place.ts'

let building: Promise<unknown> | undefined

export async function builtWallboard(): Promise<void> {
  building ??= buildWallboard(wallboardPlace())
  await building
}
