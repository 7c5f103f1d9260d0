import assert from 'node:assert/strict'
import { request } from 'node:http'
import { afterEach, describe, test } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import type { Wallboard, WallboardFile } from './wallboard-words.ts'

const file = (text: string, type: string): WallboardFile => {
  const identity = Buffer.from(text)
  return { type, etag: `e${text.length}`, identity, br: brotliCompressSync(identity), gzip: gzipSync(identity) }
}

const script = 'console.log(1)'
const files: Readonly<Record<string, WallboardFile>> = {
  'index.html': file('<!doctype html><div id="app"></div>', 'text/html; charset=utf-8'),
  'assets/main-1a2b.js': file(script, 'text/javascript; charset=utf-8'),
}

const board = (state: ReturnType<Wallboard['state']>): Wallboard => ({ state: () => state, file: (path) => files[path] })

let server: TestServer
afterEach(() => server.close())

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly bytes: Buffer
}

/** Byte by byte: `fetch` would decompress. */
function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { method, headers: { ...headers } }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk)
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers as Got['headers'], bytes: Buffer.concat(chunks) })
    })
    sent.once('error', reject).end()
  })
}

describe('the wallboard', () => {
  test('is at /, and is asked for anew each time; its assets never are', async () => {
    server = await startApi({ wallboard: board('built') })
    const index = await get('/')
    assert.deepEqual(
      [index.status, index.headers['content-type'], index.headers['cache-control']],
      [200, 'text/html; charset=utf-8', 'no-cache'],
    )
    assert.match(index.bytes.toString(), /id="app"/)
    const asset = await get('/assets/main-1a2b.js')
    assert.deepEqual([asset.status, asset.headers['cache-control']], [200, 'public, max-age=31536000, immutable'])
    assert.equal(asset.bytes.toString(), script)
  })

  test('comes compressed to whoever takes that, each with a validator of its own', async () => {
    server = await startApi({ wallboard: board('built') })
    const by = async (accepted: string) => {
      const { headers, bytes } = await get('/assets/main-1a2b.js', { 'Accept-Encoding': accepted })
      assert.equal(headers.vary, 'Accept-Encoding')
      return [headers['content-encoding'], bytes.equals(files['assets/main-1a2b.js']?.br ?? bytes), headers.etag]
    }
    assert.deepEqual(await by('gzip, deflate, br'), ['br', true, '"e14-br"'])
    assert.deepEqual(await by('gzip, br;q=0'), ['gzip', false, '"e14-gzip"'])
    assert.deepEqual(await by('identity'), [undefined, false, '"e14"'])
    const known = await get('/assets/main-1a2b.js', { 'Accept-Encoding': 'br', 'If-None-Match': 'W/"e14-br"' })
    assert.deepEqual([known.status, known.bytes.length], [304, 0])
    const other = await get('/', { 'If-None-Match': '"e14-br"' })
    assert.equal(other.status, 200)
  })

  test('may load nothing from elsewhere, run nothing inline, be framed by nobody and use the microphone', async () => {
    server = await startApi({ wallboard: board('built') })
    const { headers } = await get('/', { Host: 'pbx.example:8443' })
    const policy = headers['content-security-policy'] ?? ''
    assert.match(policy, /default-src 'self';/)
    assert.match(policy, /connect-src 'self' ws:\/\/pbx\.example:8443 wss:\/\/pbx\.example:8443;/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe|http:|\*/)
    assert.match(headers['permissions-policy'] ?? '', /microphone=\(self\)/)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    const odd = await get('/', { Host: "evil'; script-src *" })
    assert.doesNotMatch(odd.headers['content-security-policy'] ?? '', /evil|script-src/)
  })

  test('is nowhere else: an unknown path is unknown', async () => {
    server = await startApi({ wallboard: board('built') })
    for (const [path, status] of [
      ['/floor', 404],
      ['/index.html', 404],
      ['/assets/none.js', 404],
      ['/assets/..%2findex.html', 404],
      ['/sotto/v1/none', 401],
    ] as const) {
      const { status: got, headers } = await get(path)
      assert.deepEqual([path, got, headers['content-type']], [path, status, 'application/problem+json'])
    }
    assert.equal((await get('/', {}, 'POST')).status, 405)
    assert.equal((await get('/', {}, 'HEAD')).bytes.length, 0)
    assert.equal((await server.ask('GET /calls', { key: keys.observer })).status, 200)
  })

  test('while it is being built there is a page that looks again', async () => {
    server = await startApi({ wallboard: board('building') })
    const { status, headers, bytes } = await get('/')
    assert.deepEqual([status, headers['cache-control']], [200, 'no-store'])
    assert.match(bytes.toString(), /http-equiv="refresh" content="2"[\s\S]*being built/)
    assert.doesNotMatch(bytes.toString(), /<script/)
  })

  test('without one the page says what to do', async () => {
    server = await startApi({ wallboard: board('absent') })
    assert.match((await get('/')).bytes.toString(), /npm run build/)
  })
})
