/** The directory of the reference call centre, as a configuration file makes it; a test may change the configuration first. */
import { readFileSync } from 'node:fs'
import { buildDirectory, type Directory } from '../src/directory/directory.ts'
import { parseSettings } from '../src/edge/config.ts'
import { numberPlan } from '../src/edge/numbers.ts'

interface Configured {
  accounts: { id: string; groups: { id: string; strategy: string; wrapUpMs: number; agents: string[] }[] }[]
}

export function callCentre(change: (configured: Configured) => void = () => {}): Directory {
  const configured = JSON.parse(readFileSync(new URL('../fixtures/call-centre.json', import.meta.url), 'utf8'))
  change(configured)
  const settings = parseSettings(configured)
  if (!settings.ok) throw new Error(JSON.stringify(settings.error))
  return buildDirectory(settings.value.accounts, numberPlan)
}

/** As configured, but the group Sales rings all its agents at once. */
export const ringingAll = (): Directory =>
  callCentre(({ accounts }) => {
    for (const group of accounts.flatMap((a) => a.groups)) if (group.id === '030') group.strategy = 'ring-all'
  })
