import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventually, pause, soon } from '../../testkit/phone-wait.ts'
import { legId } from '../kernel/ids.ts'
import { silent } from '../kernel/log.ts'
import type { MediaEvent } from '../media/protocol.ts'
import { MediaLink } from './media-link.ts'

function world(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-link-'))
  const path = join(folder, 'media')
  const told: (MediaEvent | 'up' | 'down')[] = []
  const link = new MediaLink({
    path,
    log: silent,
    onConnected: () => told.push('up'),
    onDisconnected: () => told.push('down'),
    onEvent: (event) => told.push(event),
  })
  t.after(() => {
    link.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { path, told, link }
}

async function listen(t: TestContext, path: string): Promise<Server> {
  const server = createServer().listen(path)
  t.after(() => server.close())
  await once(server, 'listening')
  return server
}

async function accepted(t: TestContext, server: Server): Promise<Socket> {
  const [socket] = await soon(once(server, 'connection'), 'connection')
  t.after(() => socket.destroy())
  return socket.on('error', () => {})
}

const opened = (leg: string): MediaEvent => ({ kind: 'leg-opened', leg: legId(leg), local: { address: '127.0.0.1', port: 1 } })

test('orders go out line by line; events come in however they are cut, characters included', async (t) => {
  const { path, told, link } = world(t)
  const server = await listen(t, path)
  link.start()
  const socket = await accepted(t, server)
  await eventually('up', () => told.length === 1)
  link.send({ kind: 'renew' })
  link.send({ kind: 'list' })
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
  })
  await eventually('both orders', () => received === '{"kind":"renew"}\n{"kind":"list"}\n')
  const line = Buffer.from(`${JSON.stringify(opened('ü'))}\n${JSON.stringify(opened('b'))}\n`)
  const cut = line.indexOf(0xbc)
  socket.write(line.subarray(0, cut))
  await pause(20)
  socket.write(line.subarray(cut))
  await eventually('both events', () => told.length === 3)
  assert.deepEqual(told, ['up', opened('ü'), opened('b')])
})

test('the line comes back by itself: when there is no media process yet, and when it has gone', async (t) => {
  const { path, told, link } = world(t)
  link.start()
  link.send({ kind: 'renew' })
  await pause(120)
  assert.deepEqual(told, [])
  const server = await listen(t, path)
  const first = await accepted(t, server)
  await eventually('up', () => told.length === 1)
  first.destroy()
  await accepted(t, server)
  await eventually('up again', () => told.length === 3)
  assert.deepEqual(told, ['up', 'down', 'up'])
})

test('a media process that makes no sense is left, and nothing of it is believed', async (t) => {
  for (const nonsense of ['hello\n', '[]\n', '{"a":1}\n', 'null\n']) {
    const { path, told, link } = world(t)
    const server = await listen(t, path)
    link.start()
    const socket = await accepted(t, server)
    socket.write(`${nonsense}${JSON.stringify(opened('a'))}\n`)
    await eventually('down', () => told.includes('down'))
    assert.deepEqual(told.slice(0, 2), ['up', 'down'])
    link.stop()
  }
})

test('a media process that does not read is left, not buffered for without end', async (t) => {
  const { path, told, link } = world(t)
  const server = await listen(t, path)
  link.start()
  const socket = await accepted(t, server)
  socket.pause()
  await eventually('up', () => told.length === 1)
  const leg = legId('x'.repeat(60_000))
  for (let n = 0; n < 200; n++) link.send({ kind: 'close-leg', leg })
  await eventually('down', () => told.includes('down'))
})

test('once stopped it stays away', async (t) => {
  const { path, told, link } = world(t)
  const server = await listen(t, path)
  link.start()
  const socket = await accepted(t, server)
  await eventually('up', () => told.length === 1)
  const closed = once(socket, 'close')
  socket.resume()
  link.stop()
  await soon(closed, 'close')
  await pause(150)
  assert.deepEqual(told, ['up', 'down'])
})
