/** The whole server with as many stations as a load needs: numbers outside, agents' phones and supervisors' phones with fixed contacts. */

import { freeUdpPorts } from '../../testkit/softphones/program.ts'
import { reference, type Sotto, startSotto } from '../../testkit/sotto.ts'

/** Unless a bench wants more. */
export const stations = 400

export interface BenchServer {
  readonly sotto: Sotto
  /** Where the server reaches every phone. */
  readonly phonesPort: number
}

export const numberOf = (n: number, of = stations): string => `+1866555${String(n % of).padStart(4, '0')}`
export const agentOf = (n: number, of = stations): string => String(4_000 + (n % of))
export const supervisorOf = (n: number, of = stations): string => String(5_000 + (n % of))

/** Room for the freed ports that rest: a call occupies two pairs for its life and five seconds more. */
const mediaPorts = '1100-32700'

export async function startServer(env: Readonly<Record<string, string>> = {}, count = stations): Promise<BenchServer> {
  const phonesPort = await freeUdpPorts(0)
  const change = (config: object) => addStations(config as Config, { port: phonesPort, count })
  return { sotto: await startSotto({ change, env: { SOTTO_MEDIA_PORTS: mediaPorts, ...env } }), phonesPort }
}

/** Speaks for a user who owns every station. */
export const voipnowApp = { clientId: 'app-bench', clientSecret: 'secret-bench' }

interface Config {
  readonly accounts: readonly (Readonly<Record<'extensions' | 'agents' | 'numbers' | 'users', object[]>> & {
    readonly credentials: { readonly voipnow: object[] }
  })[]
}

function addStations(config: Config, { port, count }: { readonly port: number; readonly count: number }): void {
  const [account] = config.accounts
  const extensions = Array.from({ length: count }, (_, n) => agentOf(n, count))
  account?.users.push({ id: '99', name: 'Owner of all stations', role: 'supervisor', extensions })
  account?.credentials.voipnow.push({ clientId: voipnowApp.clientId, clientSecret: voipnowApp.clientSecret, user: '99' })
  for (let n = 0; n < count; n++) {
    for (const [number, monitorMode] of [[agentOf(n, count), 'disabled'] as const, [supervisorOf(n, count), 'extensive'] as const]) {
      const contact = `sip:${number}@127.0.0.1:${port}`
      account?.extensions.push({ number, name: `Station ${number}`, password: `pw-${number}`, contact, monitorMode, mayBeMonitored: true })
    }
    account?.agents.push({
      id: String(20_000 + n),
      username: `a${n}@bench`,
      firstName: 'A',
      lastName: String(n),
      extension: agentOf(n, count),
    })
    account?.agents.push({ id: String(30_000 + n), username: `s${n}@bench`, extension: supervisorOf(n, count), role: 'supervisor' })
    account?.numbers.push({ number: numberOf(n, count), routeTo: { extension: agentOf(n, count) } })
  }
}

/** The one process of a kind. */
export function pidOf({ sotto }: BenchServer, name: 'control' | 'media'): number {
  const [pid] = sotto.pids(name)
  if (pid === undefined) throw new Error(`no ${name} process runs`)
  return pid
}

export const key = reference.adminKey
