import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { eventually } from '../../testkit/phone-wait.ts'
import type { CallOut } from '../dialects/courier.ts'
import { accountId } from '../kernel/ids.ts'
import { silent } from '../kernel/log.ts'
import { usualPlans } from '../outbox/plan.ts'
import { openOutbox } from './outbox.ts'
import { isNetwork, PermittedTargets } from './permitted-targets.ts'
import { poster } from './poster.ts'
import { systemRandom } from './random.ts'

const closing: (() => void)[] = []
after(() => {
  for (const close of closing) close()
})

async function receiver(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  const seen: { readonly url: string; readonly body: string; readonly at: number }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push({ url: request.url ?? '', body: Buffer.concat(chunks).toString(), at: performance.now() })
      answer(request, response, seen.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

function courier(allow: readonly string[] = ['127.0.0.0/8'], pausesMs: readonly number[] = [10, 20, 30]) {
  const targets = new PermittedTargets(allow)
  const plans = { ...usualPlans, 'call-out': { ...usualPlans['call-out'], pausesMs } }
  const made = openOutbox({ targets, post: poster(targets, 500), random: systemRandom, log: silent, plans })
  closing.push(() => void made.close())
  return made.courier
}

const event = (url: string, body: string, more: Partial<CallOut> = {}): CallOut => ({
  ...{ account: accountId('a'), dialect: 'voipnow', receiver: url, method: 'POST', url, headers: { 'Content-Type': 'text/plain' }, body },
  ...more,
})

const finish = (status: number) => (_request: IncomingMessage, response: ServerResponse) => response.writeHead(status).end('thanks')

describe('delivery of events', () => {
  test('says what was taken, once, and not what was given up; an error of the listener stops nothing', async () => {
    const { url, seen } = await receiver((_request, response, count) => response.writeHead(count <= 5 ? 500 : 200).end())
    const post = courier()
    const taken: string[] = []
    const listening = (body: string) => ({
      delivered: () => {
        taken.push(body)
        throw new Error('a mistake')
      },
    })
    for (const body of ['1', '2', '3']) post.send(event(url, body, listening(body)))
    await eventually('all tries', () => seen.length === 7)
    await eventually('the last is taken', () => taken.length === 2)
    assert.deepEqual(taken, ['2', '3'])
  })

  test('keeps the order of each receiver, and tries again what was not taken', async () => {
    const { url, seen } = await receiver((_request, response, count) => response.writeHead(count <= 3 ? 500 : 204).end())
    const post = courier()
    for (const body of ['1', '2', '3']) post.send(event(url, body))
    await eventually('three deliveries', () => seen.length === 6)
    assert.deepEqual(
      seen.map(({ body }) => body),
      ['1', '1', '1', '1', '2', '3'],
    )
  })

  test('gives up after four tries and goes on with the next', async () => {
    const { url, seen } = await receiver((request, response) => response.writeHead(request.url === '/bad' ? 500 : 200).end())
    const post = courier()
    post.send(event(`${url}/bad`, 'a', { receiver: 'r' }))
    post.send(event(`${url}/good`, 'b', { receiver: 'r' }))
    await eventually('the second', () => seen.some((s) => s.url === '/good'))
    assert.equal(seen.filter((s) => s.url === '/bad').length, 4)
  })

  test('a dead receiver delays no other', async () => {
    const dead = await receiver(() => {})
    const alive = await receiver(finish(200))
    const post = courier()
    post.send(event(dead.url, 'x'))
    const before = performance.now()
    post.send(event(alive.url, 'y'))
    await eventually('the living one', () => alive.seen.length === 1)
    assert.ok(performance.now() - before < 400, 'before the dead one has timed out')
  })

  test('follows no redirect: it counts as not taken', async () => {
    const target = await receiver(finish(200))
    const { url, seen } = await receiver((_request, response) => response.writeHead(302, { Location: target.url }).end())
    courier().send(event(url, 'x'))
    await eventually('four tries', () => seen.length === 4)
    assert.equal(target.seen.length, 0)
  })

  test('where only 200 is success, 204 is tried again', async () => {
    const { url, seen } = await receiver((_request, response, count) => response.writeHead(count === 1 ? 204 : 200).end())
    courier().send(event(url, 'x', { success: 200 }))
    await eventually('the second try', () => seen.length === 2)
  })

  test('a queue that is full drops the oldest that is not under way', async () => {
    const { url, seen } = await receiver((_request, response) => setTimeout(() => response.writeHead(200).end(), 1))
    const post = courier()
    for (let i = 0; i < 1_200; i += 1) post.send(event(url, String(i)))
    await eventually('the newest', () => seen.some(({ body }) => body === '1199'), 20_000)
    assert.equal(seen[0]?.body, '0')
    assert.equal(seen.length, 1_000)
    assert.equal(seen[1]?.body, '201')
  })
})

describe('where events may go', () => {
  test('private and special addresses are refused unless the operator or the caller himself vouches for them', async () => {
    const closed = courier([])
    for (const url of [
      'http://127.0.0.1/',
      'http://10.1.2.3/',
      'http://[::1]/',
      'http://169.254.169.254/',
      'http://[::ffff:10.0.0.1]/',
      'http://[fe80::1]/',
    ])
      assert.equal(closed.permits(url).ok, false, url)
    assert.ok(closed.permits('http://127.0.0.1/', '127.0.0.1').ok)
    assert.ok(closed.permits('https://8.8.8.8/').ok)
    assert.ok(closed.permits('https://example.com/hook').ok)
    for (const url of ['ftp://example.com/', 'nonsense', 'http://user:pw@example.com/']) assert.equal(closed.permits(url).ok, false, url)
    assert.ok(courier(['10.0.0.0/8']).permits('http://10.1.2.3/').ok)
  })

  test('a name that leads to a private address is refused at the connection, not only at the door', async () => {
    const { url, seen } = await receiver(finish(200))
    const { port } = new URL(url)
    const targets = new PermittedTargets([])
    const posted = await poster(targets, 500)({ method: 'POST', url: `http://localhost:${port}/`, headers: {}, body: '' })
    assert.match('failed' in posted ? posted.failed : '', /no permitted target/)
    assert.equal(seen.length, 0)
  })

  test('knows networks from nonsense', () => {
    for (const good of ['10.0.0.0/8', '127.0.0.1', 'fd00::/8', '::1']) assert.ok(isNetwork(good), good)
    for (const bad of ['10.0.0.0/33', 'example.com', '', '10.0.0/8', '::/129']) assert.equal(isNetwork(bad), false, bad)
  })
})
