import type { RecordingPolicy, RecordingShape } from '../call/recording.ts'
import type { Directory } from '../directory/directory.ts'
import type { RecordingSettings } from '../directory/settings.ts'
import type { AccountId } from '../kernel/ids.ts'

/** What may and shall be recorded of a call: the group it is for decides what begins by itself, the account what is permitted at all. */
export function recordingPolicy(
  directory: Directory,
  of: { readonly account: AccountId; readonly group?: string | undefined; readonly consent?: RecordingPolicy['consent'] | undefined },
): RecordingPolicy {
  const recording = directory.account(of.account)?.recording
  const group = of.group === undefined ? undefined : directory.group(of.account, of.group)
  return {
    automatic: group?.record ?? false,
    onDemand: recording?.onDemand ?? false,
    announced: recording?.announced ?? false,
    ...(recording === undefined ? {} : { shape: shapeOf(recording) }),
    ...(of.consent === undefined ? {} : { consent: of.consent }),
  }
}

function shapeOf({ format, mix, coach, beepSeconds, announcement }: RecordingSettings): RecordingShape {
  const beep = beepSeconds === 0 ? {} : { beepEveryMs: beepSeconds * 1000 }
  const said = announcement && { prompt: announcement.file ?? 'tones', to: announcement.to }
  return { format, mix, coach, ...beep, ...(said === undefined ? {} : { announcement: said }) }
}
