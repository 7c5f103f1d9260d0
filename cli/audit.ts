import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command, Environment } from './command.ts'
import { exits, Failure, reasonOf } from './exits.ts'
import { type FileVerdict, verifyFile } from './verify-file.ts'

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Whether an exported hearing audit is whole, on any machine',
  arguments: ['FILE'],
  options: [
    {
      name: 'key',
      value: 'PEM',
      says: "the public key; default that of the server on this machine, or else the file's own, which shows damage and no forgery",
    },
    { name: 'heads', value: 'JSONL', says: 'signed heads that were kept elsewhere: they show an end that was cut off' },
  ],
  examples: ['sotto audit verify audit.jsonl --key audit-key.pub --heads audit-heads.jsonl'],
  isRemote: false,
  async run(asked) {
    const [key, heads] = [asked.text('key') ?? ourKey(asked.environment), asked.text('heads')]
    try {
      const options = {
        ...(key === undefined ? {} : { key: readFileSync(key, 'utf8') }),
        ...(heads === undefined ? {} : { headsFile: heads }),
      }
      const verdict = verifyFile(readFileSync(asked.arg(0), 'utf8'), options)
      asked.out.answer(verdict, () => told(verdict))
      return verdict.valid ? exits.done : exits.failed
    } catch (error) {
      throw new Failure(exits.usage, reasonOf(error))
    }
  },
}

/** Where the server on this machine keeps its own, if there is one. */
function ourKey(environment: Environment): string | undefined {
  const path = join(environment.SOTTO_DATA || 'data', 'audit-key.pem')
  return existsSync(path) ? path : undefined
}

function told({ valid, entries, first, head, flaws, account, fingerprint, isOwnKey }: FileVerdict): string {
  const range = first === undefined ? 'no entries' : `${entries} entries from ${first}, signed up to ${head?.seq ?? 'none'}`
  const whose = isOwnKey ? 'the key is the file’s own: compare its fingerprint with one that you trust' : 'the key is the one you gave'
  const lines = flaws.map(({ seq, why }) => `  entry ${seq}: ${why}`)
  return [valid ? 'valid' : 'NOT VALID', `account ${account}: ${range}`, `key SHA-256 ${fingerprint}; ${whose}`, ...lines].join('\n')
}
