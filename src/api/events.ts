/** `GET /sotto/v1/events`: Server-Sent Events, and the same over WebSocket. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import Type, { type Static } from 'typebox'
import { refusal } from '../call/refusal.ts'
import type { Caller, OutEvent, PastEvent } from '../control/command.ts'
import { ownerOf } from '../control/line-words.ts'
import type { JsonObject } from '../http/body.ts'
import { Refused, refuse } from '../http/refused.ts'
import { type AccountId, callId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import { base } from './answers.ts'
import type { Browsers } from './browsers.ts'
import { EventFeed, type FeedStart } from './event-feed.ts'
import { type EventStream, SseStream, streamHeaders, WebSocketStream } from './event-streams.ts'
import { callOfEvent, eventTypes, typeOf } from './event-view.ts'
import { reader, spoken } from './fields.ts'
import { readable } from './history.ts'
import { type Identity, identityOf, isLapsed } from './identity.ts'
import type { Office } from './office.ts'
import { plain, problemsOf } from './operation.ts'
import { text } from './schemas.ts'
import { isUntold, untoldOffice } from './untold.ts'

const EventQuery = Type.Object({
  types: Type.Optional(text(1024, { description: 'Comma-separated: `call.ended`, or `call.*` for all of a kind.' })),
  callId: Type.Optional(text(128)),
  cursor: Type.Optional(text(64, { description: 'The id of the last event that you have; the header Last-Event-ID wins.' })),
  access_token: Type.Optional(text(512, { description: 'For browsers, which cannot set headers here.' })),
})

const readQuery = reader(EventQuery)

interface Wanted {
  readonly wants: (event: OutEvent | PastEvent) => boolean
  readonly start: FeedStart
}

interface Subscriber {
  readonly stream: EventStream
  readonly feed: EventFeed
  readonly identity: Identity
}

const usualHeartbeatMs = 15_000

export function mountEvents(app: FastifyInstance, subscribers: Subscribers): void {
  app.route({
    method: 'GET',
    url: `${base}/events`,
    schema: operation,
    preHandler: async (request) => await demandGoodStart(subscribers, request),
    handler: (request, reply) => answerSse(request, reply, subscribers),
    wsHandler: (socket, request) => {
      const stream = new WebSocketStream(socket)
      const leave = subscribers.join(request, stream)
      socket.on('close', leave)
    },
  })
}

/** Everything that can be refused, before the stream begins: after that it cannot be refused any more. */
async function demandGoodStart(subscribers: Subscribers, request: FastifyRequest): Promise<void> {
  const { start } = wantedBy(subscribers.officeOf(request), request)
  if ('past' in start && (await readable(start.past.after(identityOf(request).caller.account, start.after))) === 'gone')
    throw unknownCursor()
  if (subscribers.count >= limits.eventSubscribers) throw refuse('capacity-exceeded', { why: 'Too many event streams are open.' })
}

function answerSse(request: FastifyRequest, reply: FastifyReply, subscribers: Subscribers): FastifyReply {
  reply.headers(streamHeaders)
  if (request.method === 'HEAD') return reply.send('')
  const stream = new SseStream()
  const leave = subscribers.join(request, stream)
  stream.readable.on('close', leave)
  return reply.send(stream.readable)
}

/** All who listen now. One timer serves their heartbeats; it runs while there is anybody. */
export class Subscribers {
  readonly #office: Office
  readonly #untold: Office
  readonly #browsers: Browsers | undefined
  readonly #all = new Set<Subscriber>()
  #timer: NodeJS.Timeout | undefined

  constructor(office: Office, browsers?: Browsers) {
    this.#office = office
    this.#browsers = browsers
    this.#untold = untoldOffice(office)
  }

  /** As who asks may see it. */
  officeOf(request: FastifyRequest): Office {
    return isUntold(identityOf(request).caller) ? this.#untold : this.#office
  }

  get count(): number {
    return this.#all.size
  }

  join(request: FastifyRequest, stream: EventStream): () => void {
    const office = this.officeOf(request)
    const { desk } = office
    const { wants, start } = wantedBy(office, request)
    const identity = identityOf(request)
    const { account } = identity.caller
    const feed = new EventFeed(desk, start, { account, wants, backlog: limits.eventBacklogPerSubscriber }, stream)
    const subscriber = { stream, feed, identity }
    this.#all.add(subscriber)
    this.#timer ??= setInterval(() => this.#beat(), this.#office.heartbeatMs ?? usualHeartbeatMs).unref()
    stream.start(feed)
    return () => this.#leave(subscriber)
  }

  closeAll(): void {
    for (const { stream } of this.#all) stream.end()
  }

  #leave(subscriber: Subscriber): void {
    subscriber.feed.close()
    this.#all.delete(subscriber)
    if (this.#all.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** A credential that has lapsed opens nothing any more, so it does not keep anything open either. A page that is open keeps its session. */
  #beat(): void {
    const at = this.#office.clock()
    for (const { stream, identity } of this.#all) {
      if (isLapsed(at, identity)) stream.end()
      else stream.heartbeat()
      if (identity.browser !== undefined) this.#browsers?.stays(at, identity.browser)
    }
  }
}

function wantedBy(office: Pick<Office, 'desk' | 'rights' | 'past'>, request: FastifyRequest): Wanted {
  const { desk, rights } = office
  const { types, callId: call, cursor } = readQuery(spoken(request.query as JsonObject))
  const { caller } = identityOf(request)
  const { account } = caller
  const sight = rights.of(caller)
  if (!sight.may('see')) throw refuse('forbidden')
  const wantsType = typeFilter(types)
  const wanted = call === undefined ? undefined : desk.call(account, callId(call))
  if (call !== undefined && (wanted === undefined || !sight.call(wanted))) throw refuse('call-unknown')
  const last = headerText(request.headers['last-event-id']) ?? cursor
  const start = last === undefined ? [] : startAfter(last, office, { account, isWhole: sight.isWhole && !isUntold(caller) })
  return {
    wants: (event) =>
      wantsType(typeOf(event)) &&
      (call === undefined || callOfEvent(event) === call) &&
      (isPast(event) || (sight.event(event) && isFor(caller, event))),
    start,
  }
}

/** What the desk has forgotten is told from the history to whoever may see everything: of the others nobody knows any more what was theirs to see. */
function startAfter(
  last: string,
  { desk, past }: Pick<Office, 'desk' | 'past'>,
  { account, isWhole }: { readonly account: AccountId; readonly isWhole: boolean },
): FeedStart {
  const events = desk.eventsAfter(account, last)
  if (events !== undefined) return events
  const after = /^\d{1,16}$/.test(last) ? Number(last) : Number.NaN
  if (past === undefined || !isWhole || !(after + 1 < past.firstEvent)) throw unknownCursor()
  return { past, after }
}

const isPast = (event: OutEvent | PastEvent): event is PastEvent => 'event' in event && event.call === undefined

/** A line is nobody's business but its owner's. */
const isFor = (caller: Caller, event: OutEvent): boolean => !('line' in event) || event.line.owner === ownerOf(caller)

const headerText = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** 410 and not 404: the stream is there, and what was asked for is gone from it. The client reads the lists again and listens from now on. */
function unknownCursor(): Refused {
  return new Refused(
    refusal('resource-unknown', {
      name: 'event',
      why: 'This event is not kept any more, or never was. List the calls and start without a cursor.',
    }),
    { status: 410 },
  )
}

function typeFilter(types: Static<typeof EventQuery>['types']): (type: string) => boolean {
  if (types === undefined) return () => true
  const wanted = new Set<string>(types.split(',').flatMap((name) => typesNamed(name.trim())))
  return (type) => wanted.has(type)
}

export function typesNamed(name: string): readonly string[] {
  const named = eventTypes.filter((type) => type === name || (name.endsWith('.*') && type.startsWith(name.slice(0, -1))))
  if (named.length === 0)
    throw refuse('parameter-invalid', { name: 'types', why: `Parameter "types" names "${name.slice(0, 64)}", which is no event type.` })
  return named
}

const operation = {
  operationId: 'streamEvents',
  tags: ['Events'],
  summary: 'Everything that happens, as Server-Sent Events; as WebSocket messages after an upgrade',
  description:
    'Each `data` line (each WebSocket message) is one Event. A comment (a ping) comes after silence. A reader that is too slow is cut off, and resumes with its last event id. What is too old for the memory comes from the history, without `call`. `410` means that the cursor is not kept any more.',
  'x-sotto-verbs': ['see'],
  security: [{ apiKey: [] }, { oauth: [] }, { session: [] }],
  querystring: plain(EventQuery),
  headers: plain(
    Type.Object({ 'Last-Event-ID': Type.Optional(Type.String({ description: 'Replays what came after this event, then goes on live.' })) }),
  ),
  response: {
    200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...problemsOf([
      'unauthenticated',
      'token-expired',
      'forbidden',
      'parameter-invalid',
      'call-unknown',
      'capacity-exceeded',
      'body-malformed',
      'internal-error',
    ]),
    410: {
      description: 'The cursor is not kept (`resource-unknown`)',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
}
