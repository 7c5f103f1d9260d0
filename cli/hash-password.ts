import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { hashPassword } from '../src/edge/passwords.ts'
import type { Command } from './command.ts'
import { exits, wrongUse } from './exits.ts'

export const hashPasswordCommand: Command = {
  name: 'hash-password',
  summary: 'What a user’s password in the configuration holds, of a password that is typed or piped in',
  arguments: [],
  options: [],
  examples: ['sotto hash-password', 'printf "%s" "$PASSWORD" | sotto hash-password'],
  isRemote: false,
  async run({ out }) {
    const password = await line()
    if (password === undefined || password === '') throw wrongUse('no password was given')
    const hash = await hashPassword(password)
    out.answer({ password: hash }, () => hash)
    return exits.done
  },
}

/** The first line of standard input. On a terminal nobody sees what is typed. */
async function line(): Promise<string | undefined> {
  const isTerminal = process.stdin.isTTY === true
  if (isTerminal) process.stderr.write('Password: ')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: isTerminal })
  const interrupted = () => process.exit(130)
  lines.once('SIGINT', interrupted)
  for await (const password of lines) {
    if (isTerminal) process.stderr.write('\n')
    lines.close()
    return password
  }
  return undefined
}
