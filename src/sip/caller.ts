/** Who calls, as far as it may be believed (RFC 3323, RFC 3325). */
import type { Caller, ExtensionSettings } from './door.ts'
import type { NameAddr, Request } from './message.ts'
import { headers } from './message.ts'
import { parseNameAddrs } from './name-addr.ts'
import { listed } from './options.ts'

/** The number is the proven extension's; only the name may be the phone's own choice. */
export function callerOfExtension(extension: ExtensionSettings, { from }: Request): Caller {
  return { number: extension.number, anonymous: isAnonymous(from), ...nameOf(from) }
}

/** A trusted trunk asserts who calls, and may ask at the same time that it be kept from the callee. */
export function callerOfTrunk(request: Request): Caller {
  const asserted = identities(request, 'P-Asserted-Identity')
  const wantsPrivacy = [...listed(request, 'Privacy')].some((value) => value === 'id' || value === 'user' || value === 'header')
  const shown = asserted.find((address) => numberOf(address) !== undefined) ?? asserted[0] ?? request.from
  const number = isAnonymous(shown) ? undefined : numberOf(shown)
  const claimed = isAnonymous(request.from) ? undefined : numberOf(request.from)
  // A network that vouches for a number often knows no name; then it is the caller's own.
  const name = asserted.find((address) => address.displayName !== undefined) ?? request.from
  return {
    ...(number !== undefined && { number }),
    ...(number !== undefined && claimed !== undefined && digitsOf(claimed) !== digitsOf(number) && { claimed }),
    ...(isAnonymous(name) ? {} : nameOf(name)),
    anonymous: wantsPrivacy || isAnonymous(request.from),
  }
}

/** User of an address, a telephone number included. */
export function numberOf({ uri }: NameAddr): string | undefined {
  if (uri.scheme === 'other') return undefined
  return uri.scheme === 'tel' ? uri.number : uri.user?.split(';', 1)[0]
}

/** One number may be written with `+` in one header and without in the other. */
const digitsOf = (number: string): string => number.replace(/[^0-9A-Za-z*#]/g, '')

const nameOf = ({ displayName }: NameAddr): { displayName?: string } => (displayName ? { displayName: displayName.slice(0, 200) } : {})

/** RFC 3323 §4.1.1.3, and the spellings of those who do without the host. */
function isAnonymous({ uri, displayName }: NameAddr): boolean {
  if (uri.scheme === 'sip' || uri.scheme === 'sips')
    return uri.host === 'anonymous.invalid' || ['anonymous', 'restricted', 'unavailable'].includes((uri.user ?? '').toLowerCase())
  return displayName?.toLowerCase() === 'anonymous'
}

function identities(request: Request, name: string): readonly NameAddr[] {
  return headers(request, name).flatMap((value) => {
    const parsed = parseNameAddrs(value)
    return parsed.ok ? parsed.value : []
  })
}
