import type { RefusalCode } from '../call/refusal.ts'
import { modes } from '../call/supervision.ts'
import type { Attempt } from '../control/command.ts'
import type { JsonObject } from '../http/body.ts'
import { callId, supervisionId } from '../kernel/ids.ts'
import type { Route } from './route.ts'

interface Refused {
  readonly path: Readonly<Record<string, string>>
  readonly given: JsonObject
  readonly code: RefusalCode
}

/** Routes that are a command of the desk's own audit, by that command. */
const acts: Readonly<Record<string, string>> = {
  superviseCall: 'supervise',
  changeSupervision: 'change-supervision',
  endSupervision: 'end-supervision',
  takeOver: 'take-over',
}

/** As long as the longest id that is ours; whatever else stands in a path is somebody's invention. */
const longest = 128

/** A request that was refused for want of permission, for the audit. Nothing of it has been checked, so only what is known is taken over. */
export function attemptOf({ id }: Pick<Route, 'id'>, { path, given, code }: Refused): Attempt {
  const { call, supervision, ...others } = path
  const mode = modes.find((one) => one === given.mode)
  const about = Object.values(others)[0]
  return {
    ...{ act: acts[id] ?? id, code },
    ...(call === undefined ? {} : { call: callId(call.slice(0, longest)) }),
    ...(supervision === undefined ? {} : { supervision: supervisionId(supervision.slice(0, longest)) }),
    ...(mode === undefined ? {} : { mode }),
    ...(about === undefined ? {} : { about: about.slice(0, longest) }),
  }
}
