/** AWS Signature Version 4 as a storage checks it: what was sent is signed anew with the key that both know, and compared. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface S3Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
const allowedSkewMs = 900_000

/** The code of S3's error, where there is one. */
export function signatureFault(request: IncomingMessage, body: Buffer, key: S3Key): string | undefined {
  const [, credential = '', signed = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(request.headers.authorization ?? '') ??
    []
  const [accessKeyId, day = '', region, service, end] = credential.split('/')
  if (signature === '') return 'AccessDenied'
  if (accessKeyId !== key.accessKeyId) return 'InvalidAccessKeyId'
  if (region !== key.region || service !== 's3' || end !== 'aws4_request') return 'AuthorizationHeaderMalformed'
  const date = String(request.headers['x-amz-date'] ?? '')
  if (!date.startsWith(day) || Math.abs(timeOf(date) - Date.now()) > allowedSkewMs) return 'RequestTimeTooSkewed'
  const claimed = String(request.headers['x-amz-content-sha256'] ?? '')
  if (claimed !== 'UNSIGNED-PAYLOAD' && claimed !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  if (!signed.split(';').includes('host')) return 'AccessDenied'
  const canonical = [
    ...canonicalHead(request),
    ...signed.split(';').map((name) => `${name}:${headerOf(request, name)}`),
    '',
    signed,
    claimed,
  ].join('\n')
  const text = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n')
  const right = hmac(signingKey(key, day), text)
  return timingSafeEqual(right, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch'
}

function canonicalHead({ method = '', url = '' }: IncomingMessage): readonly string[] {
  const [path = '', query = ''] = url.split('?', 2)
  const pairs = query === '' ? [] : query.split('&').map((pair) => (pair.includes('=') ? pair : `${pair}=`))
  return [method, path, pairs.sort().join('&')]
}

const headerOf = ({ headers }: IncomingMessage, name: string): string =>
  String(headers[name] ?? '')
    .trim()
    .replace(/ +/g, ' ')

const signingKey = ({ secretAccessKey, region }: S3Key, day: string): Buffer =>
  [region, 's3', 'aws4_request'].reduce<Buffer>((key, part) => hmac(key, part), hmac(`AWS4${secretAccessKey}`, day))

const timeOf = (date: string): number => Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
