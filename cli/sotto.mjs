#!/usr/bin/env node
// `npx sotto …`: starts cli/main.ts, by the Node that came with `npm ci` where the system's is too old. Plain JavaScript, so that an old Node gets this far.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const oldestNode = 24
const main = new URL('./main.ts', import.meta.url)

if (Number.parseInt(process.versions.node, 10) >= oldestNode) {
  const { run } = await import(main.href)
  await run(process.argv.slice(2))
} else runWithOwnNode()

function runWithOwnNode() {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  if (!existsSync(node)) {
    process.stderr.write(`sotto: Node ${oldestNode} or newer is needed, and this is ${process.versions.node}. \`npm ci\` brings one on Linux.\n`)
    process.exitCode = 2
    return
  }
  const child = spawn(node, [fileURLToPath(new URL('./sotto.mjs', import.meta.url)), ...process.argv.slice(2)], { stdio: 'inherit' })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // A terminal interrupts both of us by itself; whoever interrupts by `kill` means the one who works.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  child.once('exit', (code, signal) => (signal === null ? process.exit(code ?? 1) : process.kill(process.pid, signal)))
}
