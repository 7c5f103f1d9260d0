/** What `npm start` runs: the launcher. It holds nothing; it starts the other processes and keeps them running. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const oldestNode = 24

if (Number.parseInt(process.versions.node, 10) >= oldestNode) {
  const { start } = await import('./launcher/start.ts')
  start(process.argv.slice(2))
} else runWithOwnNode()

/** The Node that came with `npm ci`, where the system's is too old. */
function runWithOwnNode(): void {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  if (!existsSync(node)) {
    process.stderr.write(
      `sotto: Node ${oldestNode} or newer is needed, and this is ${process.versions.node}. \`npm ci\` brings one on Linux.\n`,
    )
    process.exitCode = 1
    return
  }
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  child.once('exit', (code) => process.exit(code ?? 1))
}
