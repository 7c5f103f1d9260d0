import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SseParser } from './sse.ts'

const stream = 'retry: 2000\r\n: sotto\r\n\r\nid: 7\ndata: {"a":\ndata: 1}\n\n: \n\nevent: levels\ndata:x\n\n'
const expected = [
  { event: 'message', id: '7', data: '{"a":\n1}' },
  { event: 'levels', id: '7', data: 'x' },
]

test('however the bytes are cut, the messages are the same', () => {
  for (let size = 1; size <= stream.length; size += 1) {
    const parser = new SseParser()
    const found = []
    for (let at = 0; at < stream.length; at += size) found.push(...parser.push(stream.slice(at, at + size)))
    assert.deepEqual(found, expected, `pieces of ${size}`)
  }
})
