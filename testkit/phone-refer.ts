/** Transfers (RFC 3515, RFC 5589) from both sides: the phone that asks, and the phone that is asked. */
import { field, type SipMessage, statusOf, uriOf } from './phone-message.ts'
import type { Talk } from './phone-talk.ts'
import { eventually } from './phone-wait.ts'

/** Asks the peer to call `uri`; resolves with the final status that it reports, or with the refusal of the request. */
export async function referTo(line: Talk, uri: string): Promise<number> {
  const before = line.transferReports.length
  const fields = [
    ['Refer-To', `<${uri}>`],
    ['Referred-By', `<${line.dialog.contact}>`],
  ] as const
  const { response } = await line.request('REFER', { fields })
  if (statusOf(response) >= 300) return statusOf(response)
  const final = await eventually('the outcome of the transfer', () => line.transferReports.slice(before).find((s) => s >= 200), 40_000)
  if (final < 300) await line.hangUp()
  return final
}

/** Calls whom the peer names and reports how it goes: trying at once, the outcome once. */
export function carryOutRefer(line: Talk, request: SipMessage): void {
  const [target = '', query = ''] = uriOf(field(request, 'refer-to') ?? '').split('?')
  if (target === '') return line.respond(request, 400)
  line.respond(request, 202)
  const replaces = new URLSearchParams(query.replaceAll('+', '%2B')).get('Replaces') ?? undefined
  void report(line, 'active', 'SIP/2.0 100 Trying')
  void line.callFor(target, replaces).then(async (call) => {
    const outcome = await call.answered.then(
      () => 'SIP/2.0 200 OK',
      () => 'SIP/2.0 503 Service Unavailable',
    )
    await report(line, 'terminated;reason=noresource', outcome)
  })
}

async function report(line: Talk, state: string, body: string): Promise<void> {
  if (line.state !== 'connected') return
  const fields = [
    ['Event', 'refer'],
    ['Subscription-State', state],
    ['Content-Type', 'message/sipfrag'],
  ] as const
  await line.request('NOTIFY', { fields, body })
}
