import { type DestinationStream, pino } from 'pino'
import type { Log } from '../kernel/log.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export const isLogLevel = (text: string): text is LogLevel => logLevels.some((level) => level === text)

export interface LogOptions {
  readonly level: LogLevel
  /** Which process speaks: `launcher`, `control`, `media`. */
  readonly process: string
  readonly destination?: DestinationStream
}

/** W14: what must never be logged, wherever in the fields it stands. */
const secrets = new Set(
  [
    ...['authorization', 'proxy-authorization', 'x-auth-token', 'cookie', 'token', 'accessrequesttoken', 'accesstoken', 'access_token'],
    ...[
      'refreshtoken',
      'refresh_token',
      'apitoken',
      'password',
      'secret',
      'clientsecret',
      'client_secret',
      'assertion',
      'key',
      'apikey',
      'api_key',
    ],
  ].map((name) => name.toLowerCase()),
)

/** Fields deeper than this are structures that nobody reads in a log line. */
const deepest = 6

/** JSON lines for machines; `npm start | npx pino-pretty` for eyes. */
export function systemLog({ level, process, destination }: LogOptions): Log {
  const options = {
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = destination === undefined ? pino(options) : pino(options, destination)
  const to = (write: 'debug' | 'info' | 'warn' | 'error') => (fields: Readonly<Record<string, unknown>>, message: string) => {
    if (logger.isLevelEnabled(write)) logger[write](redacted(fields, 0) as object, message)
  }
  return { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error') }
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return withoutQuerySecrets(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === deepest) return '[…]'
  if (value instanceof Error) return { name: value.name, message: withoutQuerySecrets(value.message), stack: value.stack }
  if (value instanceof Map) return redacted(Object.fromEntries(value), depth)
  if (Array.isArray(value) || value instanceof Set) return [...value].map((item) => redacted(item, depth + 1))
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secrets.has(key.toLowerCase()) ? '[redacted]' : redacted(inner, depth + 1)]),
  )
}

const inQuery = /([?&](?:access_token|token|api_key|accessRequestToken|password)=)(?!~[\da-f]{8})[^&\s]+/gi

function withoutQuerySecrets(text: string): string {
  return text.includes('=') ? text.replace(inQuery, '$1[redacted]') : text
}
