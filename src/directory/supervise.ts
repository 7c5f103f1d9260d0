import { unreachable } from '../kernel/assert.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Extension } from './people.ts'
import type { DirectoryRefusal } from './refusal.ts'
import type { MonitorMode } from './settings.ts'

/** As `Mode` of call/supervision.ts. */
export type SupervisionMode = 'monitor' | 'whisper' | 'barge'

export interface SupervisionQuestion {
  readonly supervisor: Extension
  readonly target: Extension
  readonly mode: SupervisionMode
}

/** Whether this supervisor may do this to that target. What he may do at all is asked before whom: his own limits tell him nothing of others. */
export function maySupervise({ supervisor, target, mode }: SupervisionQuestion): Outcome<true, DirectoryRefusal> {
  if (supervisor.account !== target.account) return fail({ code: 'endpoint-unknown' })
  const allowed = mayUseMode(supervisor, mode)
  if (!allowed.ok) return allowed
  if (supervisor.number === target.number) return fail({ code: 'supervision-not-allowed', why: 'Nobody supervises himself.' })
  if (!target.mayBeMonitored) return fail({ code: 'supervision-not-allowed', why: `Extension ${target.number} may not be supervised.` })
  return ok(true)
}

/** Whether this extension may do this at all, to whomever. */
export function mayUseMode(supervisor: Extension, mode: SupervisionMode): Outcome<true, DirectoryRefusal> {
  if (permits(supervisor.monitorMode, mode)) return ok(true)
  return fail({ code: 'mode-not-allowed', name: 'mode', why: `Extension ${supervisor.number} may not ${mode}.` })
}

function permits(allowed: MonitorMode, mode: SupervisionMode): boolean {
  switch (allowed) {
    case 'extensive':
      return true
    case 'listen':
      return mode === 'monitor'
    case 'whisper':
      return mode === 'whisper'
    case 'barge-in':
      return mode === 'barge'
    case 'disabled':
      return false
    default:
      return unreachable(allowed)
  }
}
