/** Session descriptions to text, in the order of RFC 8866 §5. */
import { assert } from '../kernel/assert.ts'
import type { Address, Attribute, SessionDescription, Stream } from './description.ts'

export function writeSdp(description: SessionDescription): string {
  const { origin, name, connection, attributes, streams } = description
  const lines = ['v=0', `o=${origin.username} ${origin.sessionId} ${origin.version} ${formatAddress(origin.address)}`, `s=${name}`]
  if (connection !== undefined) lines.push(`c=${formatAddress(connection)}`)
  lines.push('t=0 0', ...attributes.map(formatAttribute), ...streams.flatMap(streamLines))
  for (const line of lines) assert(isOneLine(line), 'a line of a session description is one line')
  return `${lines.join('\r\n')}\r\n`
}

function streamLines(stream: Stream): string[] {
  const lines = [`m=${stream.kind} ${stream.port} ${stream.protocol} ${stream.formats.join(' ')}`]
  if (stream.connection !== undefined) lines.push(`c=${formatAddress(stream.connection)}`)
  return [...lines, ...stream.attributes.map(formatAttribute)]
}

const formatAddress = (address: Address) => `IN IP${address.family} ${address.host}`
const formatAttribute = ({ name, value }: Attribute) => (value === undefined ? `a=${name}` : `a=${name}:${value}`)

/** What we write is ours or was read line by line, so that a line break in it is a bug of ours. */
function isOneLine(line: string): boolean {
  return !line.includes('\r') && !line.includes('\n') && !line.includes('\0')
}
