/** Bytes that are no HTTP request never reach a surface; they are answered here, as a problem like everything else (RFC 9457). */
import type { Socket } from 'node:net'
import type { Random } from '../kernel/random.ts'

interface Fault {
  readonly status: string
  readonly code: 'body-malformed' | 'body-too-large' | 'timeout'
  readonly detail: string
}

export function answerBrokenRequest(error: { readonly code?: string }, socket: Socket, random: Random): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  socket.end(answerTo(faultOf(error.code), `req_${random.hex(10)}`))
}

/** While an answer is being sent, more bytes would be taken for a part of it. Node keeps it on the socket, and looks there itself. */
const isAnswering = (socket: Socket): boolean => '_httpMessage' in socket && Boolean(socket._httpMessage)

function faultOf(code: string | undefined): Fault {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: '431 Request Header Fields Too Large', code: 'body-too-large', detail: 'The head of the request is too large.' }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: '408 Request Timeout', code: 'timeout', detail: 'The request did not come in time.' }
    default:
      return { status: '400 Bad Request', code: 'body-malformed', detail: 'This is not an HTTP request.' }
  }
}

function answerTo({ status, code, detail }: Fault, requestId: string): string {
  const [number, ...title] = status.split(' ')
  const problem = { type: `urn:sotto:refusal:${code}`, title: title.join(' '), status: Number(number), detail, code, requestId }
  const body = JSON.stringify(problem)
  return [
    `HTTP/1.1 ${status}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
