import type { Party } from '../call/party.ts'

/**
 * The extension whose owner is busy by this part in a call: its phone's, and by a line that of whoever speaks for the call by it. Who only
 * listens by a line has his phone free.
 */
export function phoneOf({ endpoint, role }: Pick<Party, 'endpoint' | 'role'>): string | undefined {
  if (endpoint.kind === 'extension') return endpoint.extension
  return endpoint.kind === 'line' && role !== 'supervisor' ? endpoint.extension : undefined
}
