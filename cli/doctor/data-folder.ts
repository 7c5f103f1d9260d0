import { mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bounds } from '../bounds.ts'
import { reasonOf } from '../exits.ts'
import { type Finding, fail, type Patient, pass, warn } from './check.ts'

const name = 'data'
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

/** Whether what has to be kept can be kept. */
export async function dataFolder({ settings: { data } }: Patient): Promise<readonly Finding[]> {
  const there = await nearest(data)
  try {
    const folder = await mkdtemp(join(there, '.sotto-doctor-'))
    await writeFile(join(folder, 'try'), 'Sotto').finally(() => rm(folder, { recursive: true, force: true }))
  } catch (error) {
    return [
      fail(
        name,
        `nothing can be written into ${there}: ${reasonOf(error)}`,
        'Give the folder to the user that Sotto runs as, or set `data` (SOTTO_DATA) elsewhere.',
      ),
    ]
  }
  const { bavail, bsize } = await statfs(there)
  const free = bavail * bsize
  const says = `${data}: ${there === data ? 'writable' : 'can be made'}, ${gigabytes(free)} free`
  const todo = 'Make room, set `data` elsewhere, or have recordings kept elsewhere (docs/operations.md, “Recordings”).'
  if (free < bounds.diskBytes.fail) return [fail(name, says, todo)]
  return [free < bounds.diskBytes.warn ? warn(name, says, todo) : pass(name, says)]
}

/** The folder, or what it would be made in. */
async function nearest(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found !== undefined || dirname(path) === path) return path
  return nearest(dirname(path))
}
