/** Storage that speaks enough S3 for a server's recordings, in memory: signatures and checksums are checked, and it can be made to fail. */
import { createHash, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type S3Key, signatureFault } from './s3-signature.ts'

interface Stored {
  readonly body: Buffer
  readonly type: string
  readonly checksum: string | undefined
  readonly etag: string
}

interface Multipart {
  readonly key: string
  readonly type: string
  readonly initiated: Date
  readonly parts: Map<number, Stored>
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly key: string
  readonly query: URLSearchParams
  readonly body: Buffer
}

const bucket = 'calls'

export class S3Server {
  readonly objects = new Map<string, Stored>()
  readonly uploads = new Map<string, Multipart>()
  /** Method and key of each request that was carried out, queries by their names. */
  readonly log: string[] = []
  /** `away`: connections break; a number: every answer has this status. */
  fault: 'away' | number | undefined
  /** Whoever reads what it keeps gets other bytes. */
  damages = false
  /** Older storage does not know checksums. */
  keepsChecksums = true
  /** Each answer takes this much longer. */
  delayMs = 0
  readonly key: S3Key = { accessKeyId: 'AKTEST', secretAccessKey: 'a/secret+of=tests', region: 'eu-test-1' }
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  static async start(port = 0): Promise<S3Server> {
    const storage = new S3Server()
    await new Promise<void>((resolve) => storage.#server.listen(port, '127.0.0.1', resolve))
    return storage
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** As the configuration has it. */
  get settings() {
    const endpoint = `http://127.0.0.1:${this.port}`
    const { accessKeyId, secretAccessKey, region } = this.key
    return { endpoint, region, bucket, prefix: 'sotto/', accessKeyId, secretAccessKey, pathStyle: true }
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return
    }
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs))
    if (this.fault === 'away') return void request.socket.destroy()
    if (this.fault !== undefined) return refuse(response, this.fault, 'ServiceUnavailable')
    const body = Buffer.concat(chunks)
    const fault = signatureFault(request, body, this.key)
    if (fault !== undefined) return refuse(response, 403, fault)
    const url = new URL(request.url ?? '', 'http://x')
    const [, named, ...rest] = decodeURIComponent(url.pathname).split('/')
    if (named !== bucket) return refuse(response, 404, 'NoSuchBucket')
    const asked = { request, response, key: rest.join('/'), query: url.searchParams, body }
    const named_ = [...url.searchParams.keys()].filter((name) => name !== 'x-id')
    this.log.push(`${request.method} ${asked.key}${named_.length === 0 ? '' : `?${named_.sort().join('&')}`}`)
    this.#carryOut(asked)
  }

  #carryOut(asked: Asked): void {
    const { query } = asked
    switch (asked.request.method) {
      case 'PUT':
        return query.has('uploadId') ? this.#putPart(asked) : this.#put(asked)
      case 'POST':
        return query.has('uploads') ? this.#begin(asked) : this.#complete(asked)
      case 'DELETE':
        return this.#delete(asked)
      case 'GET':
        return query.has('uploads') ? this.#listUploads(asked) : this.#get(asked)
      case 'HEAD':
        return this.#get(asked)
      default:
        return refuse(asked.response, 405, 'MethodNotAllowed')
    }
  }

  #put(asked: Asked): void {
    const stored = this.#received(asked)
    if (stored === undefined) return
    this.objects.set(asked.key, stored)
    asked.response.writeHead(200, { ETag: stored.etag }).end()
  }

  /** What comes with a checksum that it does not have is not taken. */
  #received({ request, response, body }: Asked): Stored | undefined {
    const sum = createHash('sha256').update(body).digest('base64')
    const claimed = request.headers['x-amz-checksum-sha256']
    if (claimed !== undefined && claimed !== sum) return void refuse(response, 400, 'BadDigest')
    const kept = this.damages ? Buffer.concat([body.subarray(0, -1), Buffer.from([(body.at(-1) ?? 0) ^ 1])]) : body
    const checksum =
      claimed === undefined || !this.keepsChecksums ? undefined : this.damages ? createHash('sha256').update(kept).digest('base64') : sum
    return { body: kept, type: request.headers['content-type'] ?? '', checksum, etag: `"${createHash('md5').update(kept).digest('hex')}"` }
  }

  #begin({ request, response, key }: Asked): void {
    const id = randomUUID()
    this.uploads.set(id, { key, type: request.headers['content-type'] ?? '', initiated: new Date(), parts: new Map() })
    xml(
      response,
      `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${key}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    )
  }

  #putPart(asked: Asked): void {
    const upload = this.uploads.get(asked.query.get('uploadId') ?? '')
    if (upload === undefined) return refuse(asked.response, 404, 'NoSuchUpload')
    const stored = this.#received(asked)
    if (stored === undefined) return
    upload.parts.set(Number(asked.query.get('partNumber')), stored)
    asked.response.writeHead(200, { ETag: stored.etag }).end()
  }

  #complete({ response, key, query, body }: Asked): void {
    const id = query.get('uploadId') ?? ''
    const upload = this.uploads.get(id)
    if (upload === undefined) return refuse(response, 404, 'NoSuchUpload')
    const named = [...body.toString().matchAll(/<Part>.*?<PartNumber>(\d+)<\/PartNumber>.*?<\/Part>/gs)].map(([, number]) => Number(number))
    const parts = [...upload.parts].sort(([a], [b]) => a - b)
    if (named.length === 0 || String(named) !== String(parts.map(([number]) => number))) return refuse(response, 400, 'InvalidPart')
    // S3 takes no smaller part but the last.
    if (parts.slice(0, -1).some(([, part]) => part.body.length < 5_242_880)) return refuse(response, 400, 'EntityTooSmall')
    const whole = Buffer.concat(parts.map(([, part]) => part.body))
    const sums = parts.map(([, { checksum }]) => Buffer.from(checksum ?? '', 'base64'))
    const checksum = `${createHash('sha256').update(Buffer.concat(sums)).digest('base64')}-${parts.length}`
    this.uploads.delete(id)
    this.objects.set(key, {
      body: whole,
      type: upload.type,
      checksum: this.keepsChecksums ? checksum : undefined,
      etag: `"${randomUUID()}-${parts.length}"`,
    })
    xml(response, `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${key}</Key></CompleteMultipartUploadResult>`)
  }

  #delete({ response, key, query }: Asked): void {
    if (query.has('uploadId')) this.uploads.delete(query.get('uploadId') ?? '')
    else this.objects.delete(key)
    response.writeHead(204).end()
  }

  #get({ request, response, key }: Asked): void {
    const stored = this.objects.get(key)
    if (stored === undefined) return refuse(response, 404, 'NoSuchKey')
    const { body, type, etag, checksum } = stored
    const wantsSum = request.headers['x-amz-checksum-mode'] === 'ENABLED'
    const headers = {
      'Content-Type': type,
      ETag: etag,
      ...(wantsSum && checksum !== undefined ? { 'x-amz-checksum-sha256': checksum } : {}),
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const part = from === undefined ? body : body.subarray(Number(from), Number(to) + 1)
    const range = from === undefined ? {} : { 'Content-Range': `bytes ${from}-${Number(from) + part.length - 1}/${body.length}` }
    response.writeHead(from === undefined ? 200 : 206, { ...headers, ...range, 'Content-Length': part.length })
    response.end(request.method === 'HEAD' ? undefined : part)
  }

  #listUploads({ response, query }: Asked): void {
    const prefix = query.get('prefix') ?? ''
    const own = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix))
    const shown = own.map(
      ([id, { key, initiated }]) =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
    )
    xml(response, `<ListMultipartUploadsResult>${shown.join('')}</ListMultipartUploadsResult>`)
  }
}

const xml = (response: ServerResponse, text: string): void =>
  void response.writeHead(200, { 'Content-Type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>${text}`)

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'Content-Type': 'application/xml' }).end(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`)
}
