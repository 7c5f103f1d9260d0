/** Whether an exported audit is whole. For whoever does not trust the server. */
import { readLines } from '../src/audit/lines.ts'
import { type Verdict, verify } from '../src/audit/verify.ts'
import { readHeads } from '../src/edge/audit-heads-file.ts'
import { publicPem, signedBy } from '../src/edge/audit-key.ts'
import { systemHash } from '../src/edge/hash.ts'

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
