/** XML bodies of OpenVox clients: `<xml>` with scalars as child elements. */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { JsonObject } from '../../http/body.ts'
import { failing } from './refusals.ts'

const malformed = () => failing('body-malformed', '10002')

const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' }

/** W9: the five predefined entities and character references, and nothing that a document could define. */
const decode = (text: string): string => text.replaceAll(/&([^;&]*);?/g, (_all, name: string) => predefined[name] ?? character(name))

function character(name: string): string {
  const [, hex, decimal] = /^#(?:x([\da-f]{1,6})|(\d{1,7}))$/i.exec(name) ?? []
  const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16)
  if (!isCharacter(code)) throw malformed()
  return String.fromCodePoint(code)
}

/** XML 1.0 §2.2, `Char`. */
const isCharacter = (code: number): boolean =>
  [0x9, 0xa, 0xd].includes(code) ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)

const ignore = (): void => {}

const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: 32,
  entityDecoder: { decode, setExternalEntities: ignore, addInputEntities: ignore, reset: ignore, setXmlVersion: ignore },
})

export function parseXml(text: string): JsonObject {
  if (/<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) throw malformed()
  const { xml, ...others } = parsed(text)
  if (xml === '' && Object.keys(others).length === 0) return {}
  if (typeof xml !== 'object' || xml === null || Object.keys(others).length > 0) throw malformed()
  // Of a repeated element the last one counts, as in JSON.
  return Object.fromEntries(Object.entries(xml).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]))
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return parser.parse(text)
  } catch {
    // The parser has its own errors for depth and reserved names, and nothing of them is told.
    throw malformed()
  }
}
