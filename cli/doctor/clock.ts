import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { bounds } from '../bounds.ts'
import { type Finding, type Patient, pass, warn } from './check.ts'

const name = 'clock'
const todo = 'Have the time kept by NTP (systemd-timesyncd or chrony): sign-in, tokens, certificates and the hearing audit go by it.'

export async function clock({ health }: Patient): Promise<readonly Finding[]> {
  const now = new Date()
  const says = now.toISOString()
  // A date header has whole seconds.
  const apart = health?.date === undefined ? 0 : Math.abs(Date.parse(health.date) + 500 - now.getTime())
  if (apart > bounds.clockMs) return [warn(name, `${says}, and the server is ${Math.round(apart / 1000)} s apart`, todo)]
  const isSynchronized = await synchronized()
  if (isSynchronized === false) return [warn(name, `${says}, not synchronized`, todo)]
  return [pass(name, isSynchronized ? `${says}, synchronized` : `${says}; whether it is synchronized cannot be seen here`)]
}

/** Undefined where the system does not say, such as in a container. */
async function synchronized(): Promise<boolean | undefined> {
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '-p', 'NTPSynchronized', '--value'], { timeout: bounds.askMs })
    return { yes: true, no: false }[stdout.trim()]
  } catch {
    return undefined
  }
}
