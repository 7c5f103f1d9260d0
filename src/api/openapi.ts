/** The OpenAPI 3.1 document, made from the routes as they are mounted. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import Type, { type TSchema } from 'typebox'
import { jsonAnswer } from '../http/answer.ts'
import { base } from './answers.ts'
import { eventTypes } from './event-view.ts'
import { examples } from './examples.ts'
import { AuditEntrySchema, AuditLineSchema, AuditVerdictSchema, CallRecordSchema } from './history-schemas.ts'
import { DescribedLineSchema, IceServersSchema, LineSchema } from './line-schemas.ts'
import { send } from './mount.ts'
import { plain, problemExamples } from './operation.ts'
import { ErasureSchema } from './people.ts'
import { AudioSchema, RecordingLinkSchema, RecordingPeaksSchema, RecordingSchema } from './recording-schemas.ts'
import * as schemas from './schemas.ts'
import { SessionEntrySchema, SessionSchema, SignInOptionsSchema } from './session-views.ts'
import { SoftphoneSchema } from './softphone.ts'
import { DeadLetterSchema, TestEventSchema, WebhookSchema } from './webhook-schemas.ts'

const EventSchema = Type.Object(
  {
    id: Type.String({ description: 'The cursor.' }),
    seq: Type.Integer({ description: 'Counts from 1 without gaps in each call; 0 where the event belongs to no call.' }),
    type: schemas.choice(eventTypes),
    at: Type.String({ format: 'date-time' }),
    callId: Type.Optional(Type.String()),
    call: Type.Optional(schemas.ref('Call')),
    data: Type.Object({}, { description: 'What happened; the members depend on the type.' }),
  },
  { description: 'One event of the stream.' },
)

const named: Readonly<Record<string, TSchema>> = {
  Call: schemas.CallSchema,
  Party: schemas.PartySchema,
  Supervision: schemas.SupervisionSchema,
  Hearing: schemas.HearingSchema,
  Agent: schemas.AgentSchema,
  Extension: schemas.ExtensionSchema,
  Group: schemas.GroupSchema,
  Disposition: schemas.DispositionSchema,
  Line: LineSchema,
  DescribedLine: DescribedLineSchema,
  IceServers: IceServersSchema,
  Softphone: SoftphoneSchema,
  CallRecord: CallRecordSchema,
  Erasure: ErasureSchema,
  Recording: RecordingSchema,
  RecordingLink: RecordingLinkSchema,
  RecordingPeaks: RecordingPeaksSchema,
  Audio: AudioSchema,
  AuditEntry: AuditEntrySchema,
  AuditVerdict: AuditVerdictSchema,
  AuditLine: AuditLineSchema,
  Event: EventSchema,
  Webhook: WebhookSchema,
  DeadLetter: DeadLetterSchema,
  TestEvent: TestEventSchema,
  Problem: schemas.ProblemSchema,
  Health: schemas.HealthSchema,
  Token: schemas.TokenSchema,
  Session: SessionSchema,
  SessionEntry: SessionEntrySchema,
  SignInOptions: SignInOptionsSchema,
}

const description = `Step into live phone calls: listen, whisper, barge, take over, transfer, end, start. Every refusal is an RFC 9457 problem whose \`code\` is for programs.
Lists take \`limit\` and \`cursor\`. Every POST takes \`Idempotency-Key\`; changes of a call or a supervision take \`If-Match\`. Every answer has \`X-Request-Id\`.`

const exemplified = (): object => {
  const shown: Readonly<Record<string, object>> = examples
  return Object.fromEntries(
    Object.entries(named).map(([name, schema]) => [name, shown[name] ? { ...schema, examples: [shown[name]] } : schema]),
  )
}

export async function describe(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Sotto', version, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      tags: ['Access', 'Calls', 'Supervision', 'Lines', 'Events', 'Webhooks', 'Directory', 'History', 'Service', 'Not built yet'].map(
        (name) => ({
          name,
        }),
      ),
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the account.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'sotto_session',
            description: 'Of a browser that is signed in; changes need X-CSRF-Token.',
          },
          oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: `${base}/oauth/token`, scopes: {} } } },
        },
        schemas: JSON.parse(JSON.stringify(exemplified())),
        examples: JSON.parse(JSON.stringify(problemExamples())),
      },
    },
  })
  let text: string | undefined
  app.get('/openapi.json', { schema: operation }, (_request, reply) => {
    text ??= JSON.stringify(app.swagger())
    return send(reply, jsonAnswer(200, text))
  })
}

const operation = {
  operationId: 'getOpenApi',
  tags: ['Service'],
  summary: 'This document',
  security: [],
  response: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: plain(Type.Object({})) } } } },
}
