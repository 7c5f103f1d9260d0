/** Downloads by a ticket that is good once (contract openvox-yeastar, section 3). */
import type { Answer } from '../../http/answer.ts'
import { rangedAnswer } from '../../http/ranged.ts'
import { refuse } from '../../http/refused.ts'
import type { AccountId } from '../../kernel/ids.ts'
import { limits } from '../../kernel/limits.ts'
import { addMs, type Instant } from '../../kernel/time.ts'
import type { Ask, House } from '../dialect.ts'
import type { Content } from './answer.ts'
import type { Request } from './request.ts'
import { field, type Verb } from './routes-verb.ts'

interface Ticket {
  readonly account: AccountId
  readonly recording: string
  readonly expiresAt: Instant
}

export function recordingVerbs(house: House): readonly Verb[] {
  const tickets = new Map<string, Ticket>()
  return [
    {
      ...{ version: 'v1', path: 'recording/get_random', summary: 'A ticket to download a recording, good once and for 30 s' },
      ...{ body: { recording: field('Its name, as the report of the call tells it.') } },
      refusals: ['parameter-missing', 'recording-not-permitted', 'resource-unknown'],
      carryOut: (request) => giveTicket(house, tickets, request),
    },
    {
      ...{ version: 'v1', path: 'recording/download', method: 'GET', summary: 'A recording as WAV' },
      ...{ query: { recording: field('Its name.'), random: field('The ticket.') } },
      refusals: ['parameter-missing', 'recording-not-permitted', 'resource-unknown'],
      carryOut: ({ ask }) => download(house, tickets, ask),
    },
  ]
}

async function giveTicket(house: House, tickets: Map<string, Ticket>, { ask, fields }: Request): Promise<Content> {
  const recording = fields.required('recording')
  const { account } = ask.holder
  if ((await audioOf(house, account, recording)) === undefined) throw refuse('resource-unknown', { name: 'recording' })
  const random = house.random.hex(16)
  tickets.set(random, { account, recording, expiresAt: addMs(ask.at, limits.recordingTicketMs) })
  const [oldest] = tickets.keys()
  if (tickets.size > limits.recordingTickets && oldest !== undefined) tickets.delete(oldest)
  return { recording, random }
}

async function download(house: House, tickets: Map<string, Ticket>, ask: Ask): Promise<Answer> {
  const { recording = '', random = '' } = ask.query
  for (const [name, value] of Object.entries({ recording, random })) if (value === '') throw refuse('parameter-missing', { name })
  const { account } = ask.holder
  if (!isValid(tickets.get(random), { account, recording, at: ask.at })) throw refuse('resource-unknown', { name: 'download' })
  // Who only asks how large it is has not downloaded it.
  if (ask.method !== 'HEAD') tickets.delete(random)
  const audio = await audioOf(house, account, recording)
  if (audio === undefined) throw refuse('resource-unknown', { name: 'recording' })
  return rangedAnswer(audio, 'audio/wav', { method: ask.method, headers: {} })
}

const isValid = (ticket: Ticket | undefined, { account, recording, at }: Omit<Ticket, 'expiresAt'> & { readonly at: Instant }): boolean =>
  ticket !== undefined && ticket.account === account && ticket.recording === recording && at < ticket.expiresAt

const audioOf = ({ shelf }: House, account: AccountId, recording: string) => shelf.recordings.wav(account, recording.replace(/\.wav$/i, ''))
