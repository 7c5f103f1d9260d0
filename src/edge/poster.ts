/** One HTTP request to a receiver of events. The address that was checked is the address that is connected; no redirect is followed. */
import { lookup } from 'node:dns'
import { request as plainRequest } from 'node:http'
import { request as encryptedRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { PermittedTargets } from './permitted-targets.ts'

export interface Posting {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly provenAddress?: string
}

/** The status of the answer, or why there is none. */
export type Posted = { readonly status: number } | { readonly failed: string }

export type Post = (posting: Posting) => Promise<Posted>

export function poster(targets: PermittedTargets, timeoutMs: number): Post {
  return (posting) =>
    new Promise((resolve) => {
      const fail = (error: unknown) => resolve({ failed: error instanceof Error ? error.message : String(error) })
      try {
        send(posting, { targets, timeoutMs }, resolve, fail)
      } catch (error) {
        fail(error)
      }
    })
}

interface Bounds {
  readonly targets: PermittedTargets
  readonly timeoutMs: number
}

function send(posting: Posting, { targets, timeoutMs }: Bounds, done: (posted: Posted) => void, fail: (error: unknown) => void): void {
  const url = new URL(posting.url)
  const { provenAddress } = posting
  const literal = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(literal) !== 0 && !targets.address(literal, provenAddress)) throw new Error(`${literal} is no permitted target`)
  const body = posting.body === undefined ? undefined : Buffer.from(posting.body)
  const options = {
    method: posting.method,
    headers: { ...posting.headers, ...(body === undefined ? {} : { 'Content-Length': String(body.length) }) },
    lookup: checkedLookup(targets, provenAddress),
    signal: AbortSignal.timeout(timeoutMs),
    // Each delivery stands for itself: a kept connection could have been opened to an address that is permitted no more.
    agent: false as const,
  }
  const request = (url.protocol === 'https:' ? encryptedRequest : plainRequest)(url, options, (answer) => {
    // What a receiver says is of no interest; its connection is closed, however much that is.
    answer.on('error', () => {})
    answer.destroy()
    done({ status: answer.statusCode ?? 0 })
  })
  request.on('error', fail)
  request.end(body)
}

/** Name resolution that gives out permitted addresses only. */
function checkedLookup(targets: PermittedTargets, proven: string | undefined): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const permitted = error === null ? found.filter(({ address }) => targets.address(address, proven)) : []
      const [first] = permitted
      if (error !== null) callback(error, '', 0)
      else if (first === undefined) callback(Object.assign(new Error(`${hostname} leads to no permitted target`), { code: 'EPERM' }), '', 0)
      else if (options.all === true) callback(null, permitted)
      else callback(null, first.address, first.family)
    })
  }
}
