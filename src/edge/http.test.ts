import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { keys, startApi, type TestServer } from '../../testkit/api-server.ts'
import { aCall } from '../../testkit/desk.ts'
import { silent } from '../kernel/log.ts'
import { ok } from '../kernel/outcome.ts'
import { type Surface, serveHttp } from './http.ts'

let server: TestServer
before(async () => {
  server = await startApi()
  server.desk.put(aCall('c1'))
})
after(() => server.close())

/** Sends bytes as they are, `then` the next ones when something came back, and gives all that comes until the server closes. */
function raw(url: string, bytes: string, then = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.once('data', () => then !== '' && socket.write(then))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

const auth = `Authorization: Bearer ${keys.admin}`

describe('the wire', () => {
  for (const [what, target, status] of [
    ['a trailing slash', '/sotto/v1/calls/', 200],
    ['doubled slashes', '//sotto//v1///calls', 200],
    ['an escaped letter', '/sotto/v1/c%61lls', 200],
    ['an absolute target', 'http://elsewhere/sotto/v1/calls', 200],
    ['dots', '/sotto/v1/../v1/calls', 404],
    ['escaped dots', '/sotto/v1/%2E%2e/v1/calls', 404],
    ['an escaped slash, which splits nothing', '/sotto%2Fv1/calls', 404],
    ['a target that needs escapes', '/sotto/v1/calls/\u00e4', 400],
  ] as const) {
    test(`${what}: ${status}, and never a redirect`, async () => {
      const answer = await raw(server.url, `GET ${target} HTTP/1.1\r\nHost: x\r\n${auth}\r\nConnection: close\r\n\r\n`)
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
      if (status >= 400) assert.match(answer, /application\/problem\+json/)
    })
  }

  test('bytes that are no HTTP are answered with a problem', async () => {
    const answer = await raw(server.url, 'INVITE sip:101@sotto.test SIP/2.0\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n.*X-Request-Id: req_.*"code":"body-malformed"/s)
  })

  test('a request without Host is answered with a problem (RFC 9112 §3.2); HTTP/1.0 has none', async () => {
    const answer = await raw(server.url, `GET /sotto/v1/calls HTTP/1.1\r\n${auth}\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 400 .*x-request-id: req_.*application\/problem\+json.*"code":"body-malformed"/s)
    assert.match(await raw(server.url, 'GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
  })

  test('a head that is too large is answered with a problem', async () => {
    const answer = await raw(server.url, `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`)
    assert.match(answer, /^HTTP\/1\.1 431 .*"code":"body-too-large"/s)
  })

  test('a client that offers HTTP/2 on every request is served over HTTP/1.1', async () => {
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n'
    const first = `GET /sotto/v1/calls HTTP/1.1\r\nHost: x\r\n${auth}\r\n${offer}\r\n`
    const answer = await raw(server.url, first, 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 200 OK.*"items":\[.*HTTP\/1\.1 200 OK.*"status":"ok"/s)
  })

  test('a WebSocket where none is: an ordinary answer', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/sotto/v1/calls`, {
      headers: { Authorization: `Bearer ${keys.admin}` },
    })
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.on('error', () => {})
    })
    socket.terminate()
    assert.equal(status, 200)
  })

  test('an upload without a credential is answered before it is read', async () => {
    const answer = await raw(
      server.url,
      'POST /sotto/v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\nConnection: close\r\n\r\n{',
    )
    assert.match(answer, /^HTTP\/1\.1 401 /)
  })

  test('answers come in order on one connection, also after a refused body', async () => {
    const put = `PUT /sotto/v1/calls HTTP/1.1\r\nHost: x\r\n${auth}\r\nContent-Length: 2\r\n\r\n{}`
    const answer = await raw(server.url, `${put}${put}GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    assert.deepEqual(answer.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 405', 'HTTP/1.1 405', 'HTTP/1.1 200'])
  })
})

describe('shutdown', () => {
  test('an answer under way is finished, and then nobody listens', async () => {
    const own = await startApi()
    own.desk.put(aCall('c1'))
    const release = Promise.withResolvers<void>()
    own.desk.answers(async () => {
      await release.promise
      return ok({ call: aCall('c1', { revision: 42 }) })
    })
    const answer = fetch(`${own.url}/sotto/v1/calls/c1`, { method: 'DELETE', headers: { Authorization: `Bearer ${keys.admin}` } })
    while (own.desk.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const closed = own.close()
    release.resolve()
    assert.equal(((await (await answer).json()) as { revision: number }).revision, 42)
    await closed
    await assert.rejects(fetch(`${own.url}/health`))
  })

  test('who never finishes his request does not keep the server', async () => {
    const own = await startApi()
    const half = raw(own.url, 'POST /sotto/v1/oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{').catch(() => 'reset')
    await new Promise((resolve) => setTimeout(resolve, 20))
    await own.close()
    await half
  })
})

test('surfaces beside each other keep their own errors, bodies and unknown paths', async (t) => {
  const other: Surface = {
    name: 'other',
    owns: (path) => path.startsWith('/other'),
    register(app) {
      app.setErrorHandler((_error, _request, reply) => reply.code(400).send({ other: 'error' }))
      app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, `read: ${body}`))
      app.post('/other/:thing', (request) => ({ body: request.body, params: request.params }))
    },
    unrouted: ({ code, allow }, _request, reply) => reply.code(404).send({ other: code, allow }),
  }
  const fallback: Surface = {
    name: 'rest',
    owns: () => true,
    register: () => {},
    unrouted: ({ code }, _request, reply) => reply.code(404).send({ rest: code }),
  }
  const random = { hex: () => 'abc', integer: () => 0 }
  const own = await serveHttp({ host: '127.0.0.1', port: 0, surfaces: [other, fallback], log: silent, random })
  t.after(() => own.close())
  const ask = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${own.url}${path}`, {
      method,
      ...(body !== undefined && { body, headers: { 'Content-Type': 'text/plain' } }),
    })
    return [response.status, await response.json(), response.headers.get('x-request-id')]
  }
  assert.deepEqual(await ask('POST', '/other/100%25%2F%40', 'hello'), [
    200,
    { body: 'read: hello', params: { thing: '100%/@' } },
    'req_abc',
  ])
  assert.deepEqual(await ask('GET', '/other/x'), [404, { other: 'method-not-allowed', allow: ['POST'] }, 'req_abc'])
  assert.deepEqual(await ask('GET', '/other/%zz'), [404, { other: 'body-malformed', allow: [] }, 'req_abc'])
  assert.deepEqual(await ask('GET', '/elsewhere'), [404, { rest: 'route-unknown' }, 'req_abc'])
})
