import type { Settings } from '../../src/edge/settings.ts'
import type { Api } from '../api.ts'
import type { Environment } from '../command.ts'

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly says: string
  /** What to do about it. */
  readonly todo?: string
}

/** Who is examined. */
export interface Patient {
  readonly file: string
  readonly settings: Settings
  readonly environment: Environment
  readonly url: string
  /** Of the server that runs there, if one does. */
  readonly health: { readonly version: string; readonly degraded: readonly string[]; readonly date?: string } | undefined
  readonly api: Api | undefined
  readonly phones: readonly string[] | undefined
  readonly progress: (text: string) => void
}

export interface Check {
  readonly name: string
  look(patient: Patient): Promise<readonly Finding[]> | readonly Finding[]
}

export const pass = (name: string, says: string): Finding => ({ name, state: 'ok', says })
export const warn = (name: string, says: string, todo: string): Finding => ({ name, state: 'warn', says, todo })
export const fail = (name: string, says: string, todo: string): Finding => ({ name, state: 'fail', says, todo })
