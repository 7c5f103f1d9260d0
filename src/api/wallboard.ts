/** The wallboard's files at `/`, as they were built; a page that says how to come by them where there are none. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Answer, answer } from '../http/answer.ts'
import { pageHeaders } from '../http/page-headers.ts'
import { refuse } from '../http/refused.ts'
import { send } from './mount.ts'
import { buildingPage, type Health, statusPage } from './status-page.ts'
import type { Wallboard, WallboardFile } from './wallboard-words.ts'

/** Without a wallboard, and before it is built, `/` says how the server is. */
export function mountWallboard(
  app: FastifyInstance,
  { wallboard, health }: { readonly wallboard?: Wallboard | undefined; readonly health: () => Health },
): void {
  const hidden = { schema: { hide: true } }
  const fileAnswer = (request: FastifyRequest, path: string, keep: string): Answer => {
    const file = wallboard?.file(path)
    if (file === undefined) throw refuse('route-unknown')
    return answerFile(file, request, keep)
  }
  app.get('/', hidden, (request, reply) => {
    const state = wallboard?.state() ?? 'absent'
    if (state === 'built') return send(reply, fileAnswer(request, 'index.html', 'no-cache'))
    return send(reply, state === 'building' ? buildingPage() : statusPage(health()))
  })
  // Their names change with what is in them.
  app.get('/assets/:file', hidden, (request, reply) => {
    const { file } = request.params as { readonly file: string }
    return send(reply, fileAnswer(request, `assets/${file}`, 'public, max-age=31536000, immutable'))
  })
  app.get('/icon.svg', hidden, (request, reply) => send(reply, fileAnswer(request, 'icon.svg', 'public, max-age=86400')))
}

function answerFile(file: WallboardFile, { headers }: FastifyRequest, keep: string): Answer {
  const encoding = chosen(file, String(headers['accept-encoding'] ?? ''))
  const body = encoding === undefined ? file.identity : (file[encoding] ?? file.identity)
  // Other bytes have another one (RFC 9110 §8.8.3.3).
  const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding}`}"`
  const common = { ...pageHeaders(headers.host), ETag: etag, 'Cache-Control': keep, Vary: 'Accept-Encoding' }
  if (isKnown(headers['if-none-match'], etag)) return answer(304, '', common)
  const encoded = encoding === undefined ? {} : { 'Content-Encoding': encoding }
  return answer(200, body, { ...common, ...encoded, 'Content-Type': file.type })
}

/** The smaller one first. `;q=0` says that a client does not take it (RFC 9110 §12.5.3). */
function chosen(file: WallboardFile, accepted: string): 'br' | 'gzip' | undefined {
  const takes = (name: string): boolean =>
    accepted.split(',').some((one) => one.trim().split(';')[0] === name && !/;\s*q=0(\.0*)?\s*$/.test(one))
  return (['br', 'gzip'] as const).find((name) => file[name] !== undefined && takes(name))
}

const isKnown = (sent: string | undefined, etag: string): boolean =>
  sent?.split(',').some((one) => one.trim().replace(/^W\//, '') === etag || one.trim() === '*') ?? false
