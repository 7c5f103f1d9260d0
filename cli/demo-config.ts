import { fileURLToPath } from 'node:url'

/** What `sotto demo` runs on. */
export const demoConfig = fileURLToPath(new URL('../fixtures/demo.json', import.meta.url))
