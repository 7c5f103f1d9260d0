import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { bounds } from '../bounds.ts'
import { reasonOf } from '../exits.ts'
import { type Finding, fail, type Patient, pass, warn } from './check.ts'

const name = 'certificate'
const dayMs = 86_400_000

/** Of the listeners for TLS and WSS; that of a proxy before the API is the proxy's business. */
export function certificate({ settings: { sip } }: Patient): readonly Finding[] {
  const needs = sip.listen.filter(({ transport }) => transport === 'TLS' || transport === 'WSS')
  if (sip.tls === undefined || needs.length === 0) return [pass(name, 'no SIP listener needs one')]
  try {
    const pem = readFileSync(sip.tls.cert, 'utf8')
    const found = new X509Certificate(pem)
    const key = createPrivateKey(readFileSync(sip.tls.key, 'utf8'))
    const hosts = new Set([sip.realm, ...needs.flatMap(({ advertise }) => advertise?.host ?? [])])
    const findings = [...keyOf(found, key, sip.tls), ...datesOf(found), ...namesOf(found, [...hosts]), ...chainOf(pem, found)]
    return findings.length > 0 ? findings : [pass(name, `${sip.tls.cert} is for ${namesIn(found)}, until ${until(found)}; the key fits`)]
  } catch (error) {
    return [
      fail(
        name,
        `${sip.tls.cert} and ${sip.tls.key} cannot be used: ${reasonOf(error)}`,
        'Both are PEM files; the certificate comes first, then its chain.',
      ),
    ]
  }
}

const until = ({ validToDate }: X509Certificate): string => validToDate.toISOString().slice(0, 10)
const namesIn = ({ subjectAltName, subject }: X509Certificate): string => subjectAltName ?? subject

function keyOf(
  found: X509Certificate,
  key: ReturnType<typeof createPrivateKey>,
  { cert, key: path }: { readonly cert: string; readonly key: string },
): readonly Finding[] {
  return found.checkPrivateKey(key)
    ? []
    : [fail(name, `${path} is not the key of ${cert}`, 'Set `sip.tls.cert` and `sip.tls.key` to files of one issue.')]
}

function datesOf(found: X509Certificate): readonly Finding[] {
  const now = Date.now()
  if (found.validFromDate.getTime() > now)
    return [fail(name, `is not valid before ${found.validFrom}`, 'Look at the clock, or have it issued again.')]
  const left = found.validToDate.getTime() - now
  const todo = 'Have it renewed, and restart Sotto (`sotto upgrade` does so under calls).'
  if (left < 0) return [fail(name, `expired on ${until(found)}`, todo)]
  return left < bounds.certificateDays * dayMs ? [warn(name, `expires on ${until(found)}`, todo)] : []
}

function namesOf(found: X509Certificate, hosts: readonly string[]): readonly Finding[] {
  const missing = hosts.filter((host) => (isIP(host) ? found.checkIP(host) : found.checkHost(host)) === undefined)
  const fits = hosts.length - missing.length
  if (missing.length === 0) return []
  const says = `is for ${namesIn(found)}, and not for ${missing.join(', ')}`
  // Phones are often told an address, and compare the certificate with that.
  return [
    fits > 0
      ? pass(name, says)
      : warn(
          name,
          says,
          'Phones that check names refuse it: have it issued for the name that they are told (`sip.realm`, `sip.advertise`).',
        ),
  ]
}

function chainOf(pem: string, found: X509Certificate): readonly Finding[] {
  const isAlone = pem.split('-----BEGIN CERTIFICATE-----').length === 2
  const isOwn = found.checkIssued(found)
  return isAlone && !isOwn
    ? [
        warn(
          name,
          'its chain is not in the file',
          'Append the certificates of its issuers (often named fullchain.pem): many phones fetch none.',
        ),
      ]
    : []
}
