/** Files in storage that speaks S3: sent with a checksum that the storage has to agree with, and compared once more when they are there. */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { limits } from '../kernel/limits.ts'
import type { S3Settings } from './words.ts'

export interface Upload {
  readonly path: string
  readonly key: string
  readonly type: string
  /** What its bytes must come to, in hexadecimal. */
  readonly sha256: string
}

interface Sent {
  readonly bytes: number
  /** As the storage names it: of the whole in base64, or of the parts' checksums, with their number. */
  readonly checksum: string
  /** Of the whole, in hexadecimal. */
  readonly sha256: string
}

/** What is here is not what the note says: no fault of the storage. */
export class FileDiffers extends Error {}

const staleMs = 86_400_000

export class S3Storage {
  readonly #client: S3Client
  readonly #bucket: string

  constructor({ endpoint, region, bucket, accessKeyId, secretAccessKey, pathStyle }: S3Settings) {
    this.#bucket = bucket
    this.#client = new S3Client({
      ...(endpoint === undefined ? {} : { endpoint }),
      region,
      forcePathStyle: pathStyle,
      credentials: { accessKeyId, secretAccessKey },
      // Our own are stronger, and older storage does not know the newer ones.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: 2,
      requestHandler: { connectionTimeout: limits.s3ConnectMs, socketTimeout: limits.s3SilenceMs },
    })
  }

  /** Resolves when the storage has it whole. */
  async store(upload: Upload, signal: AbortSignal): Promise<void> {
    const file = await open(upload.path)
    try {
      const { size } = await file.stat()
      const sent =
        size <= limits.s3PartBytes ? await this.#put(file, upload, signal) : await this.#putParts(file, { ...upload, size }, signal)
      await this.#compare(upload.key, sent, signal)
    } finally {
      await file.close()
    }
  }

  async text(key: string, text: string, signal: AbortSignal): Promise<void> {
    const ContentType = 'application/json'
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: text, ContentType }), { abortSignal: signal })
  }

  /** What is not there is deleted already. */
  async remove(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (const Key of keys) await this.#client.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key }), { abortSignal: signal })
  }

  async read(key: string, range: string | undefined, signal: AbortSignal): Promise<Readable> {
    const wanted = { Bucket: this.#bucket, Key: key, ...(range === undefined ? {} : { Range: range }) }
    const { Body } = await this.#client.send(new GetObjectCommand(wanted), { abortSignal: signal })
    if (Body === undefined) throw new Error('the storage sends nothing')
    return Body as Readable
  }

  /** Parts of uploads that a killed process had begun cost money until somebody takes them away. */
  async clean(prefix: string, now: number): Promise<void> {
    const bucket = { Bucket: this.#bucket }
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ ...bucket, Prefix: prefix }))
    for (const { Key, UploadId, Initiated } of Uploads)
      if (Initiated !== undefined && now - Initiated.getTime() > staleMs)
        await this.#client.send(new AbortMultipartUploadCommand({ ...bucket, Key, UploadId }))
  }

  close(): void {
    this.#client.destroy()
  }

  async #put(file: FileHandle, { key, type, sha256 }: Upload, signal: AbortSignal): Promise<Sent> {
    const Body = await file.readFile()
    const hash = createHash('sha256').update(Body).digest()
    if (hash.toString('hex') !== sha256) throw new FileDiffers('the file is not what was recorded')
    const checksum = hash.toString('base64')
    const put = { Bucket: this.#bucket, Key: key, Body, ContentType: type, ChecksumSHA256: checksum }
    await this.#client.send(new PutObjectCommand(put), { abortSignal: signal })
    return { bytes: Body.length, checksum, sha256 }
  }

  async #putParts(file: FileHandle, upload: Upload & { readonly size: number }, signal: AbortSignal): Promise<Sent> {
    const target = { Bucket: this.#bucket, Key: upload.key }
    const begun = { ...target, ContentType: upload.type, ChecksumAlgorithm: 'SHA256' as const }
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(begun), { abortSignal: signal })
    try {
      return await this.#sendParts(file, { ...upload, UploadId }, signal)
    } catch (error) {
      await this.#client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {})
      throw error
    }
  }

  async #sendParts(
    file: FileHandle,
    { key, sha256, size, UploadId }: Upload & { readonly size: number; readonly UploadId: string | undefined },
    signal: AbortSignal,
  ): Promise<Sent> {
    const target = { Bucket: this.#bucket, Key: key, UploadId }
    const whole = createHash('sha256')
    const ofParts = createHash('sha256')
    const Parts: { PartNumber: number; ETag: string | undefined; ChecksumSHA256: string }[] = []
    for (let at = 0; at < size; at += limits.s3PartBytes) {
      const Body = await bytesAt(file, at, Math.min(limits.s3PartBytes, size - at))
      const sum = createHash('sha256').update(Body).digest()
      const part = { PartNumber: Parts.length + 1, ChecksumSHA256: sum.toString('base64') }
      const { ETag } = await this.#client.send(new UploadPartCommand({ ...target, ...part, Body }), { abortSignal: signal })
      Parts.push({ ...part, ETag })
      whole.update(Body)
      ofParts.update(sum)
    }
    if (whole.digest('hex') !== sha256) throw new FileDiffers('the file is not what was recorded')
    await this.#client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }), { abortSignal: signal })
    return { bytes: size, checksum: `${ofParts.digest('base64')}-${Parts.length}`, sha256 }
  }

  /** Storage that keeps no checksums is read back. */
  async #compare(key: string, { bytes, checksum, sha256 }: Sent, signal: AbortSignal): Promise<void> {
    const asked = { Bucket: this.#bucket, Key: key, ChecksumMode: 'ENABLED' as const }
    const { ContentLength, ChecksumSHA256 } = await this.#client.send(new HeadObjectCommand(asked), { abortSignal: signal })
    if (ContentLength !== bytes) throw new Error(`the storage has ${ContentLength} bytes of ${bytes}`)
    if (ChecksumSHA256 === undefined) {
      const hash = createHash('sha256')
      for await (const chunk of await this.read(key, undefined, signal)) hash.update(chunk as Uint8Array)
      if (hash.digest('hex') !== sha256) throw new Error('the storage has other bytes')
    } else if (!isSame(ChecksumSHA256, checksum)) throw new Error('the storage has other bytes')
  }
}

/** Of several parts some name the checksum without their number. */
const isSame = (told: string, known: string): boolean => told === known || `${told}-` === known.slice(0, told.length + 1)

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position)
  if (bytesRead < length) throw new FileDiffers('the file has become shorter')
  return buffer
}
