/**
 * The character classes of RFC 3261 §25.1 as bit tables: one look-up for each character, so that a hostile message costs as much as an
 * honest one of the same length. No regular expression of this layer ever sees bytes from the network.
 */
const TOKEN = 1
const USER = 2
const PASSWORD = 4
const PARAM = 8
const HEADER = 16
const HOST = 32
const VALUE = 64
const HEX = 128

const classes = new Uint8Array(128)

const digits = '0123456789'
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const alphanum = digits + letters
const unreserved = `${alphanum}-_.!~*'()`

mark(TOKEN, `${alphanum}-.!%*_+\`'~`)
mark(USER, `${unreserved}&=+$,;?/`)
mark(PASSWORD, `${unreserved}&=+$,`)
mark(PARAM, `${unreserved}[]/:&+$`)
mark(HEADER, `${unreserved}[]/?:+$`)
mark(HOST, `${alphanum}-._`)
mark(HEX, `${digits}abcdefABCDEF`)
// The grammar wants a token, a host or a quoted string as a parameter's value. Deployed stacks put more into tags and branches; whatever
// cannot end the value is let through, because a response has to give it back unchanged.
for (let code = 0x21; code < 0x7f; code++) if (!'",;<>\\'.includes(String.fromCharCode(code))) mark(VALUE, String.fromCharCode(code))

function mark(bit: number, members: string): void {
  for (let i = 0; i < members.length; i++) {
    const code = members.charCodeAt(i)
    classes[code] = (classes[code] ?? 0) | bit
  }
}

const isIn = (bit: number) => (code: number) => code < 128 && ((classes[code] ?? 0) & bit) !== 0

export const isTokenChar = isIn(TOKEN)
export const isUserChar = isIn(USER)
export const isPasswordChar = isIn(PASSWORD)
export const isUriParamChar = isIn(PARAM)
export const isUriHeaderChar = isIn(HEADER)
export const isHostChar = isIn(HOST)
export const isHexChar = isIn(HEX)
export const isValueChar = isIn(VALUE)

export const isDigit = (code: number) => code >= 0x30 && code <= 0x39
export const isLetter = (code: number) => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
export const isSpace = (code: number) => code === 0x20 || code === 0x09
/** C0 and DEL: never legal in what we print. */
export const isControl = (code: number) => code < 0x20 || code === 0x7f
export const isVisible = (code: number) => code > 0x20 && code < 0x7f

/** Whether `text` is not empty and every character belongs to the class. */
export function consistsOf(text: string, belongs: (code: number) => boolean): boolean {
  for (let i = 0; i < text.length; i++) if (!belongs(text.charCodeAt(i))) return false
  return text.length > 0
}

export const isToken = (text: string) => consistsOf(text, isTokenChar)

/** The number that `text` spells in decimal digits, leading zeros allowed; `undefined` for anything else or beyond `max`. */
export function decimal(text: string, max: number): number | undefined {
  let value = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (!isDigit(code)) return undefined
    value = value * 10 + code - 0x30
    if (value > max) return undefined
  }
  return text.length > 0 ? value : undefined
}

/** Every C0 character and DEL becomes a space: text that came from somebody can then never end a line or a string on the wire. */
export function withoutControls(text: string): string {
  for (let i = 0; i < text.length; i++) if (isControl(text.charCodeAt(i))) return replaceControls(text)
  return text
}

function replaceControls(text: string): string {
  let clean = ''
  for (let i = 0; i < text.length; i++) clean += isControl(text.charCodeAt(i)) ? ' ' : text.charAt(i)
  return clean
}
