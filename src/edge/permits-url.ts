import { isIP } from 'node:net'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { PermittedTargets } from './permitted-targets.ts'

/** Whether events may go there at all; the reason where not. Names are not resolved: what they lead to is checked at each delivery. */
export function permitsUrl(targets: PermittedTargets, url: string, provenAddress?: string): Outcome<true, string> {
  if (!URL.canParse(url)) return fail('This is no URL.')
  const { protocol, hostname, username, password } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return fail('Events go out by http and https only.')
  if (username !== '' || password !== '') return fail('A URL with credentials is not taken.')
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0 && !targets.address(address, provenAddress)) return fail(`${address} is no permitted target.`)
  return ok(true)
}
