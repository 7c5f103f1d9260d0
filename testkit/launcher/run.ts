/** The launcher with processes that carry no calls (child.ts); with the argument `demo` a third one beside them. */
import { fileURLToPath } from 'node:url'
import type { Program } from '../../src/launcher/kept-alive.ts'
import { keepRunning } from '../../src/launcher/start.ts'

const file = fileURLToPath(new URL('child.ts', import.meta.url))
const program = (name: Program['name'], more: Record<string, string | undefined> = {}): Program => ({
  name,
  file,
  args: [name],
  environment: { ...process.env, ...more },
})

keepRunning({
  control: program('control'),
  media: program('media'),
  ...(process.argv[2] === 'demo' ? { demo: (ready) => program('demo', { SOTTO_HTTP: ready.http }) } : {}),
})
