/** Who stands on the stage of core tests: phones of the reference call centre (fixtures/call-centre.json), and people outside. */
import type { Endpoint, ExtensionEndpoint, LineEndpoint, NumberEndpoint } from '../src/call/endpoint.ts'
import type { RecordingPolicy } from '../src/call/recording.ts'
import { type AccountId, accountId, lineId } from '../src/kernel/ids.ts'

export const home = accountId('12440011')
export const abroad = accountId('12440022')

export function extension(number: string, options: { readonly mayBeMonitored: boolean; readonly account?: AccountId }): ExtensionEndpoint {
  return { kind: 'extension', account: options.account ?? home, extension: number, mayBeMonitored: options.mayBeMonitored }
}

export function outside(number: string): NumberEndpoint {
  return { kind: 'number', account: home, trunk: 'pstn', number }
}

export const customers: readonly Endpoint[] = [outside('+15550001111'), outside('+15550002222')]
/** 212 may not be supervised. */
export const agents: readonly ExtensionEndpoint[] = [
  extension('210', { mayBeMonitored: true }),
  extension('211', { mayBeMonitored: true }),
  extension('106', { mayBeMonitored: true }),
  extension('212', { mayBeMonitored: false }),
]
export const supervisors: readonly ExtensionEndpoint[] = ['101', '024', '102'].map((number) => extension(number, { mayBeMonitored: false }))
/** A supervisor in a browser. */
export const byLine: LineEndpoint = { kind: 'line', account: home, line: lineId('n1'), user: '13', name: 'Wanda', mayBeMonitored: false }
export const foreigner = extension('101', { mayBeMonitored: false, account: abroad })

/** Calls are recorded when somebody asks for it. */
export const onDemand: RecordingPolicy = { automatic: false, onDemand: true, announced: false }
