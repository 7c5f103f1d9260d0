/** `node src/audit-cli.ts verify FILE [--key PEM] [--heads JSONL]`: whether an exported audit is whole. For whoever does not trust the server. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readLines } from './audit/lines.ts'
import { type Verdict, verify } from './audit/verify.ts'
import { readHeads } from './edge/audit-heads-file.ts'
import { publicPem, signedBy } from './edge/audit-key.ts'
import { systemHash } from './edge/hash.ts'

export interface VerifyOptions {
  /** PEM of the public key, or of the private one. Without it the file's own key is used, which shows damage and no forgery. */
  readonly key?: string
  /** A file of heads that were kept elsewhere. */
  readonly headsFile?: string
}

export interface FileVerdict extends Verdict {
  readonly account: string
  /** SHA-256 of the public key. */
  readonly fingerprint: string
  readonly isOwnKey: boolean
}

export function verifyFile(text: string, { key, headsFile }: VerifyOptions = {}): FileVerdict {
  const file = readLines(text)
  const unread = { account: '', fingerprint: '', isOwnKey: false }
  if (!file.ok) return { ...unread, valid: false, entries: 0, flaws: [{ seq: 0, why: file.error }] }
  const { account, entries, heads, publicKey } = file.value
  const trusted = key === undefined ? publicKey : publicPem(key)
  const known = { account, fingerprint: systemHash.sha256(trusted), isOwnKey: key === undefined }
  if (trusted !== publicKey) return { ...known, valid: false, entries: 0, flaws: [{ seq: 0, why: 'another key signed this file' }] }
  const elsewhere = headsFile === undefined ? [] : readHeads(headsFile).filter((head) => head.account === account)
  // What was signed after the export is not in it.
  const sofar = elsewhere.filter(({ seq, at }) => seq <= (entries.at(-1)?.seq ?? 0) || at <= (heads.at(-1)?.at ?? 0))
  const verdict = verify({ entries, heads, elsewhere: sofar }, { sha256: systemHash.sha256, isSigned: signedBy(trusted) })
  return { ...known, ...verdict }
}

function main(args: readonly string[]): number {
  const options = { key: { type: 'string' }, heads: { type: 'string' } } as const
  const { positionals, values } = parseArgs({ args: [...args], allowPositionals: true, options })
  const [act, path] = positionals
  if (act !== 'verify' || path === undefined || positionals.length > 2) {
    process.stderr.write('usage: audit-cli verify FILE [--key PEM_FILE] [--heads HEADS_FILE]\n')
    return 2
  }
  const key = values.key ?? ourKey()
  const heads = values.heads === undefined ? {} : { headsFile: values.heads }
  const verdict = verifyFile(readFileSync(path, 'utf8'), { ...(key === undefined ? {} : { key: readFileSync(key, 'utf8') }), ...heads })
  process.stdout.write(`${told(verdict)}\n`)
  return verdict.valid ? 0 : 1
}

/** Where the server on this machine keeps its own, if there is one. */
function ourKey(): string | undefined {
  const path = join(process.env.SOTTO_DATA ?? 'data', 'audit-key.pem')
  try {
    readFileSync(path)
    return path
  } catch {
    return undefined
  }
}

function told({ valid, entries, first, head, flaws, account, fingerprint, isOwnKey }: FileVerdict): string {
  const range = first === undefined ? 'no entries' : `${entries} entries from ${first}, signed up to ${head?.seq ?? 'none'}`
  const whose = isOwnKey ? 'the key is the file’s own: compare its fingerprint with one that you trust' : 'the key is the one you gave'
  const lines = flaws.map(({ seq, why }) => `  entry ${seq}: ${why}`)
  return [valid ? 'valid' : 'NOT VALID', `account ${account}: ${range}`, `key SHA-256 ${fingerprint}; ${whose}`, ...lines].join('\n')
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2))
