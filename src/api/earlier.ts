/** An order that was under way when the process before us died is not carried out again: who sends it again learns how what it began stands. */
import { isEnded, supervisionOf } from '../call/call.ts'
import type { Answer } from '../http/answer.ts'
import type { Earlier } from '../http/idempotency.ts'
import { refuse } from '../http/refused.ts'
import { base, callAnswer, supervisionAnswer } from './answers.ts'
import type { Office } from './office.ts'
import type { Ask, Route } from './route.ts'

/** `ask` refuses where the caller may not ask for this any more. */
export function earlierOf({ earlierOrder, desk }: Office, spec: Route, name: string, ask: () => Ask): Earlier | undefined {
  const begun = earlierOrder?.(name)
  if (begun === undefined) return undefined
  const answer = (): Answer => {
    const { caller } = ask()
    const call = desk.call(caller.account, begun.call)
    if (call === undefined) throw unknown('The call that it began or changed is not known any more.')
    if (spec.success === undefined) throw unknown('How it stands is in the list of calls.')
    const { status, schema } = spec.success
    if (schema === 'Call') return callAnswer(status, ({ id }) => placeOf(status, `calls/${id}`))({ call })
    const { supervision } = begun
    if (schema !== 'Supervision' || supervision === undefined || supervisionOf(call, supervision) === undefined)
      throw unknown(isEnded(call) ? 'Its call has ended.' : 'How it stands is in its call.')
    return supervisionAnswer(status, ({ id }) => placeOf(status, `supervisions/${id}`))({ call, supervision })
  }
  return { digest: begun.digest, answer }
}

const placeOf = (status: number, path: string): Readonly<Record<string, string>> => (status === 201 ? { Location: `${base}/${path}` } : {})

const unknown = (how: string) =>
  refuse('wrong-state', { why: `The server was interrupted while it carried out this order, which is not carried out again. ${how}` })
