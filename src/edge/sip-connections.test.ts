import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../kernel/limits.ts'
import { silent } from '../kernel/log.ts'
import { addMs, type Instant, instant } from '../kernel/time.ts'
import type { Flow } from '../sip/door.ts'
import { SipConnections } from './sip-connections.ts'

const where: Omit<Flow, 'id'> = { transport: 'WS', local: { address: '127.0.0.1', port: 80 }, remote: { address: '127.0.0.1', port: 9 } }

function world() {
  const told: string[] = []
  const note = (what: string) => (flow: Flow) => void told.push(`${what} ${flow.id}`)
  const clock: { at: Instant } = { at: instant(1_000_000) }
  const inlet = {
    received: (_: Uint8Array, flow: Flow) => note('received')(flow),
    closed: note('closed'),
    opened: () => {},
    failed: () => {},
    resolved: () => {},
  }
  const connections = new SipConnections({ inlet, now: () => clock.at, log: silent })
  const add = (ping?: () => boolean) => {
    const wire = { backlogBytes: () => 0, send: () => {}, destroy: () => void told.push('destroyed'), end: () => void told.push('ended') }
    return connections.add(where, ping === undefined ? wire : { ...wire, ping })
  }
  const pass = (ms: number) => {
    clock.at = addMs(clock.at, ms)
    connections.sweep()
  }
  return { told, connections, add, pass }
}

test('whoever says nothing at first is closed; whoever has spoken may be silent for as long as a registration lasts', () => {
  const { told, connections, add, pass } = world()
  const mute = add()
  const phone = add()
  connections.received(new Uint8Array(), phone)
  told.length = 0
  pass(limits.sipFirstMessageMs)
  assert.deepEqual(told, [])
  pass(1)
  assert.deepEqual(told, ['destroyed', `closed ${mute.id}`])
  pass(limits.sipConnectionIdleMs - limits.sipFirstMessageMs - 1)
  assert.equal(connections.size, 1)
  pass(1)
  assert.deepEqual(told.slice(2), ['destroyed', `closed ${phone.id}`])
  assert.equal(connections.size, 0)
})

test('a browser that no longer answers pings is gone', () => {
  const { told, connections, add, pass } = world()
  let answers = true
  const flow = add(() => answers)
  pass(1)
  assert.equal(connections.size, 1)
  answers = false
  pass(1)
  assert.deepEqual(told, ['destroyed', `closed ${flow.id}`])
})

test('the end is told once, whoever brings it about; and ids are never used again', () => {
  const { told, connections, add } = world()
  const first = add()
  connections.closed(first)
  connections.closed(first)
  connections.received(new Uint8Array(), first)
  connections.send(new Uint8Array(), first)
  connections.close(first)
  assert.deepEqual(told, [`closed ${first.id}`])
  const second = add()
  assert.notEqual(second.id, first.id)
  connections.close(second)
  connections.closed(second)
  assert.deepEqual(told.slice(1), ['ended'])
})
