/** What the tests of this folder add to the reference call centre. */
import type { Config } from '../../testkit/sotto.ts'

/** In the first account: someone who may only read, and a login that is bound to no agent. */
export const extra = {
  ringcx: { apiToken: 'rcx-viewer', username: 'viewer@example.com', password: 'rcx-viewer-password', role: 'observer' },
  newvoicemedia: { clientId: 'viewer', clientSecret: 'nvm-viewer-secret', role: 'observer' },
  smartflo: { email: 'viewer@example.com', password: 'sf-viewer', apiToken: 'sf-viewer-token', agent: '0502842370097', role: 'observer' },
  smartfloUnbound: { email: 'unbound@example.com', password: 'sf-unbound', apiToken: 'sf-unbound-token' },
} as const

/** The configuration of every test of this folder: the reference call centre, and those. */
// biome-ignore lint/suspicious/noExplicitAny: a test writes members of JSON that it knows; a wrong one is refused.
export function withExtra(config: any): void {
  const { credentials } = config.accounts[0]
  credentials.ringcx.push(extra.ringcx)
  credentials.newvoicemedia.push(extra.newvoicemedia)
  credentials.smartflo.push(extra.smartflo, extra.smartfloUnbound)
}

/** And tokens live for one second. */
export function withShortTokens(config: Config): void {
  withExtra(config)
  const names = ['voipnow', 'yeastar', 'ringcx', 'newvoicemedia', 'smartflo']
  config.dialects = Object.fromEntries(names.map((name) => [name, { tokenSeconds: 1 }]))
}
