/** The reader and the matcher of golden examples: that they read all of them, and that neither lets anything through. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type Example, parseGolden, Unreadable } from './golden-grammar.ts'
import { assertAnswer, filled } from './golden-match.ts'
import type { Reply } from './wire.ts'

const good = '### AB-01 a title\nPOST //a%2Ab?x=+1\nName: value\n\n{\n  "a": 1, \n}\n\n=> 200\nContent-Type: text/plain\n\ntrue\n\n'

test('an example is read to the byte', () => {
  assert.deepEqual(parseGolden(good), [
    {
      id: 'AB-01',
      title: 'a title',
      request: { method: 'POST', target: '//a%2Ab?x=+1', headers: [['Name', 'value']], body: '{\n  "a": 1, \n}' },
      answer: { status: 200, headers: [['Content-Type', 'text/plain']], body: 'true' },
    },
  ])
})

const bad: Readonly<Record<string, string>> = {
  'text before the first example': `x\n${good}`,
  'no title': good.replace('### AB-01 a title', '### AB-01'),
  'an id of another shape': good.replace('AB-01', 'AB-1'),
  'a number left out': good.replace('AB-01', 'AB-02'),
  'no request line': good.replace('POST //a%2Ab?x=+1\n', ''),
  'a target with a space': good.replace('?x=+1', '?x= 1'),
  'no answer': good.replace('=> 200', '200'),
  'two answers': good.replace('true', '=> 200'),
  'a status of words': good.replace('=> 200', '=> OK'),
  'a header without a value': good.replace('Name: value', 'Name:'),
  'a header that is none': good.replace('Name: value', 'Name value'),
  'a body after two empty lines': good.replace('\n\ntrue', '\n\n\ntrue'),
  'other ends of lines': good.replaceAll('\n', '\r\n'),
}

for (const [what, text] of Object.entries(bad)) {
  test(`unreadable: ${what}`, () => {
    assert.throws(() => parseGolden(text), Unreadable)
  })
}

const counts = { voipnow: 16, yeastar: 19, ringcx: 20, newvoicemedia: 20, smartflo: 19 } as const

for (const [name, count] of Object.entries(counts)) {
  test(`all examples of ${name} are read, and nothing of them is lost`, () => {
    const text = readFileSync(new URL(`../../fixtures/golden/${name}.golden`, import.meta.url), 'utf8')
    const examples = parseGolden(text)
    assert.equal(examples.length, count)
    assert.equal(examples.map(written).join('\n\n'), text.replace(/\n+$/, ''))
  })
}

function written({ id, title, request, answer }: Example): string {
  const message = (headers: Example['answer']['headers'], body: string | undefined) =>
    headers.map(([name, value]) => `\n${name}: ${value}`).join('') + (body === undefined ? '' : `\n\n${body}`)
  const head = `### ${id} ${title}\n${request.method} ${request.target}`
  return `${head}${message(request.headers, request.body)}\n=> ${answer.status}${message(answer.headers, answer.body)}`
}

const reply = (text: string, headers: Reply['headers'] = {}): Reply => {
  const decent = { 'x-request-id': 'r', 'content-length': String(text.length), ...headers }
  return { status: 200, headers: decent, rawHeaders: [], text }
}
const answer = (body: string, ...headers: Example['answer']['headers']): Example['answer'] => ({ status: 200, headers, body })

test('a body is compared byte by byte, and a placeholder stands for its form', () => {
  assertAnswer(reply('{"a":12,"b":"x.y"}'), answer('{"a":{{int}},"b":"{{token}}"}'))
  for (const text of ['{"a":1x,"b":"x.y"}', '{"a":12,"b":""}', '{"a":12,"b":"x.y"} ', '{"a": 12,"b":"x.y"}', '{"a":12,"b":"x y"}']) {
    assert.throws(() => assertAnswer(reply(text), answer('{"a":{{int}},"b":"{{token}}"}')), text)
  }
})

test('the same name is the same value, in headers too; another number is another value', () => {
  const guid = '94e5928c-7f7e-4645-ad72-61010f906449'
  const other = guid.replace('9', '8')
  assertAnswer(
    reply(`${guid} ${guid} ${other}`, { location: `/${guid}` }),
    answer('{{guid}} {{guid}} {{guid2}}', ['Location', '/{{guid}}']),
  )
  assert.throws(() => assertAnswer(reply(`${guid} ${other}`), answer('{{guid}} {{guid}}')))
  assert.throws(() => assertAnswer(reply(guid, { location: `/${other}` }), answer('{{guid}}', ['Location', '/{{guid}}'])))
})

test('listed headers must match to the letter, and absent ones be absent', () => {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  assertAnswer(reply('a', type), answer('a', ['Content-Type', 'application/json; charset=utf-8'], ['X-Other', '(absent)']))
  assert.throws(() => assertAnswer(reply('a', type), answer('a', ['Content-Type', 'application/json'])))
  assert.throws(() => assertAnswer(reply('a'), answer('a', ['Content-Type', 'application/json'])))
  assert.throws(() => assertAnswer(reply('a', { 'x-other': '1' }), answer('a', ['X-Other', '(absent)'])))
})

test('every answer has its length and a request id', () => {
  assert.throws(() => assertAnswer(reply('a', { 'content-length': undefined }), answer('a')))
  assert.throws(() => assertAnswer(reply('a', { 'x-request-id': undefined }), answer('a')))
})

test('a placeholder that nobody knows is no placeholder', () => {
  assert.throws(() => assertAnswer(reply('a'), answer('{{what}}')))
  const fill = (name: string) => {
    assert.equal(name, 'tok-12')
    return 'T'
  }
  assert.equal(filled({ method: 'GET', target: '/?t=Bearer+{{tok-12}}', headers: [] }, fill).target, '/?t=Bearer+T')
})
