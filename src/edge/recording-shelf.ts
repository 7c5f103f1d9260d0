/** Recordings of this server as files, links and time limits: everything that lies under `recordings` in the data folder. */
import { join } from 'node:path'
import type { RecordingShelf } from '../control/recordings.ts'
import type { Log } from '../kernel/log.ts'
import { now } from './clock.ts'
import { RecordingCatalog, startSweeping } from './recording-catalog.ts'
import { openLinkKey, recordingLinks } from './recording-links.ts'
import type { Settings } from './settings.ts'

/** `path`: where the API answers links. A key that was damaged is an error. */
export async function openShelf({ data, publicUrl, accounts }: Settings, { path, log }: { readonly path: string; readonly log: Log }) {
  const links = recordingLinks(openLinkKey(join(data, 'recording-links.key')), `${publicUrl}${path}`)
  const recordings = new RecordingCatalog(join(data, 'recordings'))
  const keepDays = new Map(accounts.map(({ id, recording }) => [id, recording.keepDays]))
  const told = ({ error, ...outcome }: { readonly error?: unknown }) => {
    if (error === undefined) log.info(outcome, 'recordings past their time are deleted')
    else log.error({ err: error, ...outcome }, 'recordings past their time could not be deleted')
  }
  const close = startSweeping(recordings, { keepDays, clock: now, told })
  return { shelf: { recordings, links } satisfies RecordingShelf, close }
}
