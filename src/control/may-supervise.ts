import { type Refusal, refusal } from '../call/refusal.ts'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'
import type { Caller } from './command.ts'

/** Whether somebody may supervise who has no phone whose settings could say so: his role decides. What the user's own permissions take away from it, the gate has asked. */
export const maySupervise = ({ role }: Caller): Outcome<true, Refusal> =>
  role === 'admin' || role === 'supervisor' ? ok(true) : fail(refusal('supervision-not-allowed', { why: 'This role may not supervise.' }))
