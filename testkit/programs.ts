/** External programs that some tests need. What `.ci/run` installs is checked against this list by test/tidy.test.ts. */
import { accessSync, constants, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Each program and the Debian package that brings it. */
export const packageOf = {
  sipp: 'sip-tester',
  baresip: 'baresip',
  linphonec: 'linphone-cli',
  postgres: 'postgresql',
  chromium: 'chromium',
} as const

export type ProgramName = keyof typeof packageOf

/** For a test's `skip`: false where all programs are there, else the reason that the report shows. */
export function missing(...programs: readonly ProgramName[]): string | false {
  const absent = programs.filter((program) => !isInstalled(program))
  if (absent.length === 0) return false
  return `${absent.join(', ')} not installed (apt-get install ${absent.map((program) => packageOf[program]).join(' ')})`
}

function isInstalled(program: string): boolean {
  return folders().some((folder) => folder !== '' && isExecutable(join(folder, program)))
}

/** Debian keeps the programs of each PostgreSQL version in a folder of their own, outside of the path. */
const folders = (): readonly string[] => [...(process.env.PATH ?? '').split(delimiter), ...globSync('/usr/lib/postgresql/*/bin')]

/** Where the program is; only of one that is not `missing`. */
export function pathOf(program: string): string {
  const folder = folders().find((place) => place !== '' && isExecutable(join(place, program)))
  if (folder === undefined) throw new Error(`${program} is not installed`)
  return join(folder, program)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
