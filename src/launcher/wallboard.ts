import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { hasSources, isStale, wallboardPlace } from '../edge/wallboard-place.ts'

/** Where it is missing or older than its sources. Beside everything else: calls do not wait for a page. */
export function buildWallboard(): void {
  const place = wallboardPlace()
  if (process.env.SOTTO_BUILD === 'off' || !hasSources(place) || !isStale(place)) return
  const program = fileURLToPath(new URL('../build-cli.ts', import.meta.url))
  const build = spawn(process.execPath, [program, '--if-needed'], { stdio: ['ignore', 'ignore', 'inherit'] })
  process.once('exit', () => build.kill())
}
