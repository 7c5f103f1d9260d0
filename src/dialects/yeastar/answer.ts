/** Answers in JSON or XML from one tree of texts (contract openvox-yeastar, section 1). */
import { type Answer, answer, jsonAnswer } from '../../http/answer.ts'
import type { Format } from './request-flavour.ts'

export type Value = string | readonly Value[] | Content
export type Content = { readonly [name: string]: Value }

type Headers = Readonly<Record<string, string>>

export const success = (format: Format, content: Content, headers: Headers = {}): Answer =>
  written(format, { status: 'Success', ...content }, headers)

export const failure = (format: Format, errno: string, headers: Headers = {}): Answer =>
  written(format, { status: 'Failed', errno }, headers)

const written = (format: Format, content: Content, headers: Headers = {}): Answer =>
  format === 'json' ? jsonAnswer(200, JSON.stringify(content), headers) : xmlAnswer(content, headers)

const xmlAnswer = (content: Content, headers: Headers): Answer =>
  answer(200, `<?xml version="1.0" encoding="UTF-8" ?>\n${element('xml', content)}`, {
    'Content-Type': 'application/xml; charset=utf-8',
    ...headers,
  })

/** Calls are repeated as they are; every other list has items. */
const bare: readonly string[] = ['inbound', 'outbound']

function element(name: string, value: Value): string {
  if (isList(value)) return bare.includes(name) ? value.map((member) => element(name, member)).join('') : items(name, value)
  return `<${name}>${inside(value)}</${name}>`
}

function items(name: string, members: readonly Value[]): string {
  const listed = members.map((member, i) => `<item id="${i}">${inside(member)}</item>`)
  return `<${name}>${listed.join('')}</${name}>`
}

function inside(value: Value): string {
  if (typeof value === 'string') return escaped(value)
  return isList(value)
    ? items('item', value)
    : Object.entries(value)
        .map(([name, inner]) => element(name, inner))
        .join('')
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** What XML 1.0 §2.2 does not allow is left out. */
const escaped = (text: string): string =>
  text.replaceAll(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, '').replaceAll(/[&<>"]/g, (char) => entities[char] ?? char)
