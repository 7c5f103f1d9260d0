import { createHmac } from 'node:crypto'

interface Signed {
  readonly id: string
  readonly timestampS: number
  readonly body: string
}

/**
 * The headers of Standard Webhooks: an HMAC with SHA-256 over id, timestamp and body with dots between them, by every secret that is valid, so that
 * a receiver who knows only the old one, or only the new one, finds his. A secret is base64 behind `whsec_`.
 */
export function signatureHeaders({ id, timestampS, body }: Signed, secrets: readonly string[]): Readonly<Record<string, string>> {
  const signatures = secrets.map((secret) => `v1,${signature(`${id}.${timestampS}.${body}`, secret)}`)
  return { 'webhook-id': id, 'webhook-timestamp': String(timestampS), 'webhook-signature': signatures.join(' ') }
}

const signature = (text: string, secret: string): string =>
  createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(text)
    .digest('base64')
