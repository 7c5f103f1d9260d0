/** How a line answers what its peer asks within the call. */
import { sdpFields } from './phone-core.ts'
import { field, methodOf, type SipMessage } from './phone-message.ts'
import { carryOutRefer } from './phone-refer.ts'
import type { Talk } from './phone-talk.ts'

export function answerRequest(line: Talk, request: SipMessage): void {
  const method = methodOf(request)
  if (method === 'ACK') return acknowledged(line, request)
  if (!line.dialog.inOrder(request)) return line.respond(request, 500)
  switch (method) {
    case 'INVITE':
      return reinvited(line, request)
    case 'UPDATE':
      return updated(line, request)
    case 'BYE':
      line.respond(request, 200)
      return line.end({ by: 'them', reason: field(request, 'reason') ?? '' })
    case 'INFO':
      line.infoDigits += /^Signal\s*=\s*([0-9*#A-D])/im.exec(request.body)?.[1] ?? ''
      return line.respond(request, 200)
    case 'NOTIFY':
      return notified(line, request)
    case 'REFER':
      return carryOutRefer(line, request)
    case 'OPTIONS':
      return line.respond(request, 200)
    default:
      return line.respond(request, 405)
  }
}

function acknowledged(line: Talk, ack: SipMessage): void {
  if (!line.awaitsAnswer || ack.body === '') return
  line.awaitsAnswer = false
  line.media.accept(ack.body)
}

function reinvited(line: Talk, request: SipMessage): void {
  if (line.offering) return line.respond(request, 491)
  line.dialog.refresh(request)
  const body = request.body === '' ? line.media.offer() : line.media.answer(request.body)
  if (body === undefined) return line.respond(request, 488)
  line.awaitsAnswer = request.body === ''
  line.respond(request, 200, { fields: sdpFields, body })
}

/** RFC 3311: without a body it only refreshes. */
function updated(line: Talk, request: SipMessage): void {
  line.dialog.refresh(request)
  if (request.body === '') return line.respond(request, 200)
  if (line.offering) return line.respond(request, 491)
  const body = line.media.answer(request.body)
  if (body === undefined) return line.respond(request, 488)
  line.respond(request, 200, { fields: sdpFields, body })
}

/** RFC 3515 §2.4.4: the body of a refer event is the start of a response. */
function notified(line: Talk, request: SipMessage): void {
  line.respond(request, 200)
  const status = /^SIP\/2\.0 (\d{3})/.exec(request.body)?.[1]
  if (status !== undefined) line.transferReports.push(Number(status))
}
