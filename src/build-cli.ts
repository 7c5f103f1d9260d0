/** `npm run build`: builds the wallboard. `npm start` has it built by itself where it is missing or older than its sources. */
import { setPriority } from 'node:os'
import { parseArgs } from 'node:util'
import { buildWallboard } from './edge/wallboard-build.ts'
import { isStale, wallboardPlace } from './edge/wallboard-place.ts'

const { values } = parseArgs({ options: { 'if-needed': { type: 'boolean', default: false } } })

try {
  // Calls come first.
  if (values['if-needed']) setPriority(10)
  const wasBuilt = await buildWallboard(wallboardPlace(), undefined, values['if-needed'] ? isStale : () => true)
  process.stdout.write(wasBuilt ? 'sotto: the wallboard is built\n' : '')
} catch (error) {
  process.stderr.write(`sotto: the wallboard could not be built: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
