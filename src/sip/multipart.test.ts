import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseContentType } from './headers.ts'
import { partOf } from './multipart.ts'

const find = (type: string, body: string) => {
  const parsed = parseContentType(type)
  return parsed.ok ? partOf(body, parsed.value, 'application/sdp') : 'illegal type'
}
const body =
  '--x\r\nContent-Type: text/plain\r\n\r\nhi\r\n--x\r\nA: b\r\ncontent-type: application/SDP\r\n\r\nv=0\r\n\r\ns=-\r\n--x--\r\nafter'

test('the part of the wanted type is found, whole and without its boundary', () => {
  assert.equal(find('multipart/mixed;boundary=x', body), 'v=0\r\n\r\ns=-')
  assert.equal(find('multipart/mixed;boundary="x"', `preamble\r\n${body}`), 'v=0\r\n\r\ns=-')
})

test('no such part, no boundary, another multipart: nothing', () => {
  assert.equal(find('multipart/mixed;boundary=y', body), undefined)
  assert.equal(find('multipart/mixed', body), undefined)
  assert.equal(find('multipart/alternative;boundary=x', body), undefined)
  assert.equal(find('multipart/mixed;boundary=x', '--x\r\n\r\nv=0\r\n--x--'), undefined, 'a part without a type is plain text')
  assert.equal(find('multipart/mixed;boundary=x', '--x--\r\n--x\r\nContent-Type: application/sdp\r\n\r\nv=0'), undefined, 'after the end')
  assert.equal(find(`multipart/mixed;boundary=${'x'.repeat(71)}`, body.replaceAll('--x', `--${'x'.repeat(71)}`)), undefined)
})
