/** Recordings of this server as files, links and time limits: everything that lies under `recordings` in the data folder, and in storage beside it. */
import { join } from 'node:path'
import type { FrontDesk } from '../control/command.ts'
import type { RecordingShelf } from '../control/recordings.ts'
import type { AccountId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { RecordingThread } from '../recordings/thread.ts'
import { now } from './clock.ts'
import { RecordingCatalog, startSweeping } from './recording-catalog.ts'
import { RecordingKeeper } from './recording-keeper.ts'
import { openLinkKey, recordingLinks } from './recording-links.ts'
import type { Settings } from './settings.ts'

interface ShelfParts {
  /** Where the API answers links. */
  readonly path: string
  readonly log: Log
  /** Tells what has just been recorded. */
  readonly desk: Pick<FrontDesk, 'subscribe'>
}

/** A key that was damaged is an error. */
export async function openShelf(settings: Settings, { path, log, desk }: ShelfParts) {
  const { data, publicUrl, accounts } = settings
  const root = join(data, 'recordings')
  const links = recordingLinks(openLinkKey(join(data, 'recording-links.key')), `${publicUrl}${path}`)
  const keeper = openKeeper(settings, { root, log })
  const recordings = new RecordingCatalog(root, keeper)
  const keepDays = new Map(accounts.map(({ id, recording }) => [id, recording.keepDays]))
  const told = ({ error, ...outcome }: { readonly error?: unknown }) => {
    if (error === undefined) log.info(outcome, 'recordings past their time are deleted')
    else log.error({ err: error, ...outcome }, 'recordings past their time could not be deleted')
  }
  const stopSweeping = startSweeping(recordings, { keepDays, clock: now, told })
  const stops = accounts.map(({ id }) => noticing(recordings, { account: id, desk }))
  void keeper.look()
  const close = async () => {
    for (const stop of [...stops, stopSweeping]) stop()
    await keeper.close()
  }
  const shelf: RecordingShelf = {
    recordings,
    links,
    get fault() {
      return keeper.fault
    },
  }
  return { shelf, close }
}

/** What is told twice is seen to once. */
function noticing(
  recordings: RecordingCatalog,
  { account, desk }: { readonly account: AccountId; readonly desk: ShelfParts['desk'] },
): () => void {
  return desk.subscribe(account, (out) => {
    if ('event' in out && out.event.type === 'recording.stored') void recordings.noticed(account, out.event.data.id)
  })
}

function openKeeper(
  { recordings: { s3, keepLocalDays } }: Settings,
  { root, log }: { readonly root: string; readonly log: Log },
): RecordingKeeper {
  const thread = new RecordingThread(s3 === undefined ? {} : { s3 }, log)
  const storage = s3 && { name: `s3://${s3.bucket}/${s3.prefix}`, prefix: s3.prefix }
  return new RecordingKeeper({
    ...{ root, thread, clock: now, log },
    ...(storage === undefined ? {} : { storage }),
    ...(keepLocalDays === undefined ? {} : { keepLocalDays }),
  })
}
