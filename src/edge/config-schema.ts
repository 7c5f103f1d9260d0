/** The shape of the configuration file. What shape alone cannot say is checked in config-check.ts; docs/configuration.md lists every key. */
import Type, { type Static } from 'typebox'
import { verbs } from '../directory/permissions.ts'
import { keyRoles, monitorModes, smartfloTriggers, strategies, userRoles } from '../directory/settings.ts'
import { adjustableLimits } from './adjustable-limits.ts'
import { dialects } from './config-dialects.ts'
import { exactly, flag, list, section, text, whole } from './config-shapes.ts'

const { Optional } = Type

const name = Type.String({ minLength: 1, maxLength: 128 })
const secret = Type.String({ minLength: 1, maxLength: 256 })
const extensionNumber = text('must be 1 to 8 digits', '^[0-9]{1,8}$')
const identifier = text('must be 1 to 64 letters, digits, - or _', '^[A-Za-z0-9_-]{1,64}$')
const digitIdentifier = text('must be 1 to 32 digits', '^[0-9]{1,32}$')
const publicNumber = text('must be a number in international form, such as +442071838750', '^\\+[1-9][0-9]{5,14}$')
const peer = text('must be udp:, tcp: or tls: with host and, unless SRV names it, :port', '^(udp|tcp|tls):[^\\s/]+$')
const prefix = text('must be a prefix of digits, with a leading + for international form', '^(\\+[0-9]{0,14}|[0-9]{1,15})$')
const ringTime = whole(1_000, 300_000)

const extension = exactly({
  number: extensionNumber,
  name: Type.String({ maxLength: 128, default: '' }),
  password: secret,
  contact: Optional(text('must be a SIP URI', '^sips?:[^\\s<>"]+$')),
  directNumber: Optional(publicNumber),
  monitorMode: Type.Enum(monitorModes, { default: 'disabled' }),
  mayBeMonitored: flag(false),
  ringTimeoutMs: Optional(ringTime),
})

const user = exactly({
  id: identifier,
  name,
  role: Type.Enum(userRoles),
  extensions: list(extensionNumber),
  username: Optional(name),
  password: Optional(secret),
  email: Optional(text('must be an e-mail address', '^[^\\s@]+@[^\\s@]+$')),
  permissions: Optional(
    exactly({
      groups: Optional(Type.Union([Type.Literal('all'), Type.Array(identifier)])),
      verbs: Optional(Type.Array(Type.Enum(verbs))),
    }),
  ),
})

const oidc = {
  issuer: text('must be an https URL', '^https?://[^\\s?#]+$'),
  clientId: name,
  clientSecret: secret,
  label: Type.String({ minLength: 1, maxLength: 64, default: 'Single sign-on' }),
  scope: Type.String({ minLength: 6, maxLength: 256, default: 'openid email profile' }),
  emailClaim: Type.String({ minLength: 1, maxLength: 128, default: 'email' }),
  usernameClaim: Optional(name),
}

const agent = exactly({
  id: digitIdentifier,
  username: name,
  firstName: Type.String({ maxLength: 128, default: '' }),
  lastName: Type.String({ maxLength: 128, default: '' }),
  extension: extensionNumber,
  role: Type.Enum(['agent', 'supervisor'], { default: 'agent' }),
})

const group = exactly({
  id: identifier,
  name,
  extension: extensionNumber,
  agents: list(digitIdentifier),
  strategy: Type.Enum(strategies, { default: 'longest-idle' }),
  record: flag(false),
  wrapUpMs: Type.Integer({ minimum: 0, maximum: 3_600_000, default: 0 }),
  queueTimeoutMs: Optional(whole(1_000, 86_400_000)),
  requireDisposition: flag(false),
})

const conference = exactly({ number: extensionNumber, pin: Optional(text('must be 1 to 16 digits', '^[0-9]{1,16}$')) })

const recording = section({
  onDemand: flag(true),
  announced: flag(false),
  format: Type.Enum(['wav-g711', 'wav-pcm16', 'flac'], { default: 'wav-g711' }),
  mix: flag(true),
  coach: Type.Enum(['exclude', 'include', 'separate'], { default: 'exclude' }),
  beepSeconds: Type.Integer({ minimum: 0, maximum: 300, default: 0 }),
  keepDays: Type.Integer({ minimum: 0, maximum: 36_500, default: 0 }),
  announcement: Optional(exactly({ file: Optional(name), to: Type.Enum(['all', 'customer'], { default: 'all' }) })),
})

const s3 = exactly({
  endpoint: Optional(text('must be http:// or https:// with a host, and a port where it is not the usual one', '^https?://[^\\s/?#@]+$')),
  region: Type.String({ minLength: 1, maxLength: 64, default: 'us-east-1' }),
  bucket: text('must be the name of a bucket', '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'),
  prefix: text('must be words with slashes between them and one at the end, such as sotto/', '^([A-Za-z0-9_.-]{1,64}/){0,8}$', {
    default: '',
  }),
  accessKeyId: secret,
  secretAccessKey: secret,
  pathStyle: flag(false),
})

const routeTo = exactly({ group: Optional(identifier), extension: Optional(extensionNumber) })

const trunk = exactly({
  id: identifier,
  peer,
  trusted: list(Type.String()),
  destinations: list(prefix),
  username: Optional(name),
  password: Optional(secret),
  register: Optional(
    exactly({ username: name, password: secret, expiresSeconds: Type.Integer({ minimum: 60, maximum: 86_400, default: 3_600 }) }),
  ),
  keepAliveSeconds: Optional(whole(0, 3_600)),
})

const iceUrl = text('must be a stun:, stuns:, turn: or turns: address', '^(stuns?|turns?):[^\\s]{1,256}$')

const role = Type.Enum(keyRoles, { default: 'admin' })

const ringcx = exactly({
  role,
  apiToken: secret,
  username: name,
  password: secret,
  clientId: Optional(name),
  clientSecret: Optional(secret),
  assertion: Optional(secret),
})

const credentials = section({
  native: list(exactly({ key: secret, role: Type.Enum(keyRoles), user: Optional(identifier) })),
  voipnow: list(exactly({ clientId: name, clientSecret: secret, user: identifier })),
  yeastar: list(exactly({ role, username: name, password: secret })),
  ringcx: list(ringcx),
  newvoicemedia: list(exactly({ role, clientId: name, clientSecret: secret })),
  smartflo: list(exactly({ role, email: name, password: secret, apiToken: secret, agent: Optional(digitIdentifier) })),
})

const receiver = exactly({
  dialect: Type.Enum(['smartflo', 'newvoicemedia']),
  url: text('must be an http or https URL', '^https?://[^\\s]+$'),
  trigger: Optional(Type.Enum(smartfloTriggers)),
  method: Type.Enum(['GET', 'POST'], { default: 'POST' }),
  format: Type.Enum(['json', 'form'], { default: 'json' }),
  template: Optional(Type.Record(Type.String({ maxLength: 128 }), Type.String({ maxLength: 256 }))),
  secret: Optional(text('must be base64', '^[A-Za-z0-9+/]{16,}={0,2}$')),
})

const account = exactly({
  id: identifier,
  key: identifier,
  code: text('must be 1 to 8 digits', '^[0-9]{1,8}$'),
  owner: Optional(identifier),
  name,
  timezone: Type.String({ default: 'UTC' }),
  country: text('must be a country code of two capital letters, such as GB', '^[A-Z]{2}$'),
  extensions: list(extension),
  users: list(user),
  agents: list(agent),
  groups: list(group),
  numbers: list(exactly({ number: publicNumber, routeTo })),
  presentedNumbers: list(text('must be digits, with a leading + for international form', '^\\+?[0-9]{3,15}$')),
  callerIds: Type.Enum(['any', 'presented'], { default: 'any' }),
  trunks: list(trunk),
  dispositions: list(name),
  conferences: list(conference),
  recording,
  supervision: section({ visibleToAgents: flag(false) }),
  receivers: list(receiver),
  oidc: Optional(exactly(oidc)),
  credentials,
})

const days = (usual: number) => Type.Integer({ minimum: 0, maximum: 36_500, default: usual })

export const configurationSchema = exactly({
  node: text('must be 1 to 64 letters, digits, - or _', '^[A-Za-z0-9_-]{1,64}$', { default: 'n1' }),
  http: section({
    listen: Type.String({ default: '127.0.0.1:8080' }),
    publicUrl: Optional(
      text('must be http:// or https:// with a host, and a port where it is not the usual one', '^https?://[^\\s/?#@]+$'),
    ),
    trustProxy: list(Type.String()),
  }),
  sessions: section({
    idleMinutes: Type.Integer({ minimum: 1, maximum: 10_080, default: 720 }),
    maxHours: Type.Integer({ minimum: 1, maximum: 720, default: 168 }),
  }),
  oidc: Optional(exactly({ ...oidc, accountClaim: Optional(name) })),
  sip: section({
    listen: Type.Array(Type.String(), { minItems: 1, maxItems: 16, default: ['udp:127.0.0.1:5060', 'tcp:127.0.0.1:5060'] }),
    realm: text('must be a host name', '^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$', { default: 'sotto' }),
    advertise: Optional(Type.String()),
    tls: Optional(exactly({ cert: name, key: name })),
  }),
  media: section({
    address: Type.String({ default: '127.0.0.1' }),
    address6: Optional(Type.String()),
    ports: Type.String({ default: '20000-29999' }),
    advertise: Optional(Type.String()),
    advertise6: Optional(Type.String()),
    holdMusic: Optional(name),
    webrtcPort: Optional(whole(1_024, 65_535)),
    standby: flag(true),
  }),
  webrtc: section({
    iceServers: list(
      exactly({ urls: Type.Array(iceUrl, { minItems: 1, maxItems: 8 }), username: Optional(name), credential: Optional(secret) }),
    ),
    turnSecret: Optional(secret),
    turnMinutes: Type.Integer({ minimum: 1, maximum: 1_440, default: 60 }),
  }),
  data: Type.String({ minLength: 1, default: './data' }),
  recordings: section({ s3: Optional(s3), keepLocalDays: Optional(whole(0, 36_500)) }),
  history: section({ eventsDays: days(90), cdrDays: days(730), auditDays: days(0) }),
  limits: section(Object.fromEntries(adjustableLimits.map((key) => [key, Optional(whole(1, 100_000_000))]))),
  dialects,
  callOuts: section({ allow: Optional(Type.Array(Type.String())) }),
  accounts: Type.Array(account, { minItems: 1 }),
})

export type Configuration = Static<typeof configurationSchema>
