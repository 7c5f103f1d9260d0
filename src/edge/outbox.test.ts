import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { accountA } from '../../testkit/desk.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { silent } from '../kernel/log.ts'
import { instant } from '../kernel/time.ts'
import { type Plans, usualPlans } from '../outbox/plan.ts'
import type { Webhook } from '../outbox/words.ts'
import { openOutbox } from './outbox.ts'
import { readOutbox } from './outbox-read.ts'
import { PermittedTargets } from './permitted-targets.ts'
import { poster } from './poster.ts'
import { systemRandom } from './random.ts'

const secret = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`

const closing: (() => unknown)[] = []
after(async () => {
  for (const close of closing.reverse()) await close()
})

const hurried: Plans = {
  ...usualPlans,
  webhook: { ...usualPlans.webhook, pausesMs: [20, 40], restsMs: [20], giveUpMs: 20_000 },
}

interface Request {
  readonly id: string
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

async function receiver(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  const seen: Request[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      seen.push({ id: String(request.headers['webhook-id']), body: Buffer.concat(chunks).toString(), headers: request.headers })
      answer(request, response, seen.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, seen }
}

const finish = (status: number) => (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(status).end()

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sotto-outbox-'))
  closing.push(() => rmSync(made, { recursive: true, force: true }))
  return made
}

function open(
  at: { readonly folder?: string; readonly segmentBytes?: number; readonly timeoutMs?: number; readonly allow?: string[] } = {},
) {
  const { timeoutMs = 500, allow = ['127.0.0.0/8'], ...place } = at
  const targets = new PermittedTargets(allow)
  const made = openOutbox({ ...place, targets, post: poster(targets, timeoutMs), random: systemRandom, log: silent, plans: hurried })
  closing.push(() => made.close())
  return made
}

const hook = (url: string, more: Partial<Webhook> = {}): Webhook => ({
  ...{ id: 'wh_1', account: accountA, url, types: [], createdAt: instant(0), secrets: [{ secret }] },
  ...more,
})

const letter = (n: number, lane = 'c1') => ({ id: `wh_1_${n}`, webhook: 'wh_1', lane, body: JSON.stringify({ n }) })
const ids = (seen: readonly Request[]) => seen.map(({ id }) => id)

const sign = (id: string, timestamp: string, body: string, by: string) =>
  `v1,${createHmac('sha256', Buffer.from(by.slice(6), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')}`

describe('webhooks on sockets', () => {
  test('are signed by every secret that is valid, at the time of the try', async () => {
    const { url, seen } = await receiver(finish(204))
    const { outlet } = open()
    const second = secret.replace('whsec_M', 'whsec_N')
    const lapsed = { secret: secret.replace('whsec_M', 'whsec_O'), until: instant(1_000) }
    await outlet.keep(hook(url, { secrets: [{ secret: second }, { secret, until: instant(Date.now() + 60_000) }, lapsed] }))
    outlet.send(letter(1))
    const { body, headers } = await eventually('the event', () => seen[0])
    const timestamp = String(headers['webhook-timestamp'])
    assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 5)
    assert.equal(headers['webhook-signature'], `${sign('wh_1_1', timestamp, body, second)} ${sign('wh_1_1', timestamp, body, secret)}`)
    assert.deepEqual([headers['content-type'], body], ['application/json', '{"n":1}'])
  })

  for (const [fault, answer] of [
    ['answers 500', (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(500).end()],
    ['redirects', (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(307, { Location: '/elsewhere' }).end()],
    ['closes', (request: IncomingMessage) => void request.socket.destroy()],
    ['says nothing', () => {}],
    [
      'is slow to the end',
      (_request: IncomingMessage, response: ServerResponse) => void setTimeout(() => response.destroy(), 5_000).unref(),
    ],
  ] as const) {
    test(`a receiver that ${fault} gets the same again, under the same id, and the rest after it in order`, async () => {
      const { url, seen } = await receiver((request, response, count) =>
        count <= 3 ? answer(request, response) : finish(200)(request, response),
      )
      const { outlet } = open({ timeoutMs: 100 })
      await outlet.keep(hook(url))
      for (const n of [1, 2, 3]) outlet.send(letter(n))
      await eventually('all', () => seen.length === 6)
      assert.deepEqual(ids(seen), ['wh_1_1', 'wh_1_1', 'wh_1_1', 'wh_1_1', 'wh_1_2', 'wh_1_3'])
      assert.ok(seen.every(({ headers }) => headers.host !== undefined && !('location' in headers)))
    })
  }

  test('a dead receiver delays no other', async () => {
    const dead = await receiver(() => {})
    const good = await receiver(finish(200))
    const { outlet } = open({ timeoutMs: 400 })
    await outlet.keep(hook(dead.url))
    await outlet.keep(hook(good.url, { id: 'wh_2' }))
    for (let n = 0; n < 50; n += 1) outlet.send(letter(n, `c${n}`))
    const before = performance.now()
    outlet.send({ ...letter(1), id: 'wh_2_1', webhook: 'wh_2' })
    await eventually('the good one', () => good.seen.length === 1)
    assert.ok(performance.now() - before < 300, 'before any try at the dead one has ended')
  })

  test('410 switches it off; what waited are dead letters, which are sent when it is on again', async () => {
    let status = 410
    const { url, seen } = await receiver((_request, response) => response.writeHead(status).end())
    const { outlet } = open()
    await outlet.keep(hook(url))
    for (const n of [1, 2, 3]) outlet.send(letter(n))
    await eventually('it is off', () => outlet.webhook(accountA, 'wh_1')?.off === 'gone')
    assert.equal(seen.length, 1)
    assert.deepEqual(
      outlet.deadLetters(hook(url)).map(({ id, why }) => [id, why]),
      [1, 2, 3].map((n) => [`wh_1_${n}`, 'status 410']),
    )
    status = 200
    await outlet.keep(hook(url))
    outlet.replay(hook(url))
    await eventually('all three', () => seen.length === 4)
    assert.deepEqual(ids(seen).slice(1), ['wh_1_1', 'wh_1_2', 'wh_1_3'])
  })

  test('a private address is refused at the connection as well, unless the operator permits it', async () => {
    const { url, seen } = await receiver(finish(200))
    const { outlet } = open({ allow: [] })
    assert.equal(outlet.permits(url).ok, false)
    for (const target of [url, url.replace('127.0.0.1', 'localhost')]) {
      await outlet.keep(hook(target))
      outlet.send(letter(seen.length))
      await eventually('a failed try', () => /no permitted target/.test(outlet.standing(hook(url)).lastFailure?.why ?? ''))
      await outlet.forget(hook(url))
    }
    assert.equal(seen.length, 0)
  })
})

describe('what is kept', () => {
  test('webhooks, cursors, waiting events and dead letters are there again, with the same ids, and a test of order', async () => {
    let status = 500
    const { url, seen } = await receiver((_request, response) => response.writeHead(status).end())
    const at = folder()
    const first = open({ folder: at })
    assert.ok(await first.outlet.keep(hook(url)))
    first.outlet.seen(accountA, '77', [letter(1), letter(2), letter(3)])
    await eventually('a try', () => seen.length > 1)
    await first.close()
    status = 200
    seen.length = 0
    const second = open({ folder: at })
    await eventually('all', () => seen.length === 3)
    assert.deepEqual(ids(seen), ['wh_1_1', 'wh_1_2', 'wh_1_3'])
    assert.deepEqual(second.outlet.webhook(accountA, 'wh_1'), hook(url))
    assert.equal(second.outlet.cursor(accountA), '77')
    await second.close()
    const { rows } = readOutbox(at)
    assert.deepEqual(rows.filter(({ kind }) => kind === 'letter').length, rows.filter(({ kind }) => kind === 'gone').length)
  })

  test('a torn last line is no damage; a corrupt one is named and left out, and the file laid aside', async () => {
    const { url, seen } = await receiver(finish(500))
    const at = folder()
    const first = open({ folder: at })
    await first.outlet.keep(hook(url))
    for (const n of [1, 2, 3]) first.outlet.seen(accountA, String(n), [letter(n, `c${n}`)])
    await eventually('tries', () => seen.length >= 3)
    await first.close()
    const [name = ''] = readdirSync(at)
    const lines = readFileSync(join(at, name), 'utf8').split('\n')
    const bad = lines.findIndex((line) => line.includes('"id":"wh_1_2"') && line.includes('"letter"'))
    const broken = lines.map((line, i) => (i === bad ? line.replace('"lane":"c2"', '"lane":"c9"') : line))
    writeFileSync(join(at, name), `${broken.join('\n')}{"crc":"0000`)
    const { damage, rows } = readOutbox(at)
    assert.deepEqual(damage, [`${name} is damaged at byte ${lines.slice(0, bad).join('\n').length + 1}; what this line said is left out`])
    const letters = rows.flatMap((row) => (row.kind === 'letter' ? [row.letter.parcel.id] : []))
    assert.deepEqual(letters, ['wh_1_1', 'wh_1_3'])
    const second = open({ folder: at })
    await eventually('the damaged file is laid aside', () => readdirSync(at).includes(`${name}.damaged`))
    await second.close()
  })

  test('a file that is full is followed by another, and the old one goes; nothing is lost by that', async () => {
    const { url, seen } = await receiver(finish(500))
    const at = folder()
    const { outlet, close } = open({ folder: at, segmentBytes: 20_000 })
    await outlet.keep(hook(url))
    for (let n = 0; n < 800; n += 1) {
      outlet.seen(accountA, String(n), [letter(n)])
      if (n % 50 === 0) await pause(2)
    }
    await eventually('one file, and not the first', () => readdirSync(at).length === 1 && !readdirSync(at).includes('00000001.jsonl'))
    assert.ok(seen.length > 0)
    await close()
    const { rows, damage } = readOutbox(at)
    const letters = new Set(rows.flatMap((row) => (row.kind === 'letter' ? [row.letter.parcel.id] : [])))
    assert.deepEqual([letters.size, damage], [800, []])
  })
})

describe('a disk that is full', () => {
  test('stops no delivery, says so, and everything is kept as soon as there is room', { timeout: 30_000 }, async (t) => {
    const at = folder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', at], { stdio: 'pipe' })
    } catch {
      return t.skip('no right to mount a small disk')
    }
    closing.push(() => execFileSync('umount', ['-l', at]))
    let status = 500
    const { url, seen } = await receiver((_request, response) => response.writeHead(status).end())
    const { outlet, close } = open({ folder: at })
    assert.ok(await outlet.keep(hook(url)))
    writeFileSync(join(at, 'ballast'), Buffer.alloc(60_000))
    for (let n = 0; n < 300; n += 1) outlet.seen(accountA, String(n), [{ ...letter(n), body: 'x'.repeat(300) }])
    assert.match(outlet.fault ?? '', /ENOSPC/)
    assert.equal(await outlet.keep(hook(url, { id: 'wh_2' })), false, 'what cannot be kept is not taken')
    assert.equal(outlet.webhook(accountA, 'wh_2'), undefined)
    rmSync(join(at, 'ballast'))
    execFileSync('mount', ['-o', 'remount,size=8m', at])
    await eventually('it is kept again', () => outlet.fault === undefined)
    assert.ok(await outlet.keep(hook(url, { description: 'after' })))
    status = 200
    await eventually('all', () => new Set(ids(seen)).size === 300, 10_000)
    await close()
  })
})

describe('kill -9', () => {
  test('while it delivers: the next process delivers the rest, in order, and nothing twice under two ids', {
    timeout: 60_000,
  }, async () => {
    const at = folder()
    const { url, seen } = await receiver((_request, response) => void setTimeout(() => response.writeHead(200).end(), 2))
    const script = fileURLToPath(new URL('../../testkit/outbox-child.ts', import.meta.url))
    let put = 0
    for (let life = 0; life < 8; life += 1) {
      const child = spawn(process.execPath, [script, at, url, String(put)], { stdio: ['ignore', 'pipe', 'inherit'] })
      child.stdout.on('data', (chunk: Buffer) => {
        for (const number of chunk.toString().split('\n').filter(Boolean)) put = Number(number) + 1
      })
      const before = put
      await eventually('some are put in', () => put > before + 60, 10_000)
      await pause(Math.random() * 20)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('close', resolve))
    }
    const { outlet } = open({ folder: at })
    await eventually('all', () => new Set(ids(seen)).size >= put && outlet.standing(hook(url)).waiting === 0, 20_000)
    const numbers = [...new Set(ids(seen))].map((id) => Number(id.slice('wh_1_'.length)))
    for (const call of [0, 1, 2, 3, 4]) {
      const own = numbers.filter((n) => n % 5 === call)
      assert.deepEqual(
        own,
        own.toSorted((a, b) => a - b),
        `call ${call}`,
      )
    }
    for (let n = 0; n < put; n += 1) assert.ok(numbers.includes(n), `event ${n} of ${put}`)
    assert.equal(readOutbox(at).damage.length, 0)
  })
})
