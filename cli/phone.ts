import { lookup } from 'node:dns/promises'
import { loadSettings } from '../src/edge/config.ts'
import type { Settings } from '../src/edge/settings.ts'
import { Phone, type PhoneOptions } from '../testkit/phone.ts'
import type { Line } from '../testkit/phone-line.ts'
import type { Transport } from '../testkit/phone-wire.ts'
import { loop, tone, type Voice } from '../testkit/voice.ts'
import { bounds } from './bounds.ts'
import type { Asked, Command } from './command.ts'
import { demoConfig } from './demo-config.ts'
import { exits, Failure, reasonOf, wrongUse } from './exits.ts'
import { aborted, interruption } from './interrupt.ts'
import type { Out } from './out.ts'
import { clean } from './text.ts'
import { samplesIn } from './whisper.ts'

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const

export const phone: Command = {
  name: 'phone',
  summary: 'A virtual phone: registers, answers or calls, speaks, and tells what it hears',
  arguments: ['EXTENSION'],
  options: [
    { name: 'config', value: 'FILE', says: 'where password and realm are looked up; default SOTTO_CONFIG, or the demonstration' },
    { name: 'server', value: 'HOST:PORT', says: 'where SIP is; default the first listener of the configuration' },
    { name: 'transport', value: 'NAME', says: `${transports.join(', ')}; default udp` },
    { name: 'user', value: 'NAME', says: 'registers under another name than that of the extension' },
    { name: 'password', value: 'TEXT', says: 'default SOTTO_PHONE_PASSWORD, or that of the configuration' },
    { name: 'realm', value: 'NAME', says: 'default that of the configuration, or the host of the server' },
    { name: 'tone', value: 'HZ', says: 'what it says: a tone; default 1000' },
    { name: 'file', value: 'WAV', says: 'what it says: a file, again and again' },
    { name: 'call', value: 'NUMBER', says: 'calls somebody instead of waiting' },
    { name: 'answer', value: 'SECONDS', says: 'rings so long before it answers; default 0' },
    { name: 'reject', says: 'refuses every call as busy' },
    { name: 'seconds', value: 'N', says: 'ends after so long; default with Ctrl-C' },
  ],
  examples: [
    'sotto phone 101',
    'sotto phone 101 --call 201 --tone 700 --seconds 30',
    'sotto phone 101 --config sotto.json --transport tcp',
  ],
  more: 'For tests. It believes any certificate. Tones that it tells apart are 400, 550, 700 … 2500 Hz.',
  isRemote: false,
  async run(asked) {
    const { out } = asked
    const options = await optionsOf(asked)
    const seconds = asked.number('seconds', { min: 0.1, max: 1_000_000 })
    const number = asked.text('call')
    const stop = interruption()
    const started = await Phone.start(options).catch((error: unknown) => {
      throw new Failure(exits.unreachable, `the phone cannot reach ${options.server.host}:${options.server.port}: ${reasonOf(error)}`)
    })
    try {
      await started.register().catch((error: unknown) => {
        throw new Failure(exits.refused, reasonOf(error))
      })
      tell(out, { what: 'registered', as: options.user, at: `${options.server.host}:${options.server.port}` })
      const followed = follow(started, out, stop)
      if (number !== undefined) await calling(started, number, out)
      const limit = seconds === undefined ? [] : [aborted(AbortSignal.timeout(Math.round(seconds * 1000)))]
      const over = number === undefined ? [] : [started.next('ended', 2 ** 31 - 1).then(() => {})]
      await Promise.race([aborted(stop), ...limit, ...over])
      followed.end()
    } finally {
      await started.stop()
    }
    tell(out, { what: 'unregistered' })
    return exits.done
  },
}

async function calling(phone: Phone, number: string, out: Out): Promise<void> {
  const line = await phone.call(number)
  tell(out, { what: 'calling', number })
  line.answered.catch(() => {})
}

interface Told {
  readonly what: string
  readonly [more: string]: unknown
}

function tell(out: Out, told: Told): void {
  const { what, ...more } = told
  const words = Object.entries(more).map(([key, value]) => `${key} ${Array.isArray(value) ? value.join(' + ') || 'nothing' : value}`)
  out.line({ time: new Date().toISOString(), ...told }, () => clean([new Date().toISOString().slice(11, 19), what, ...words].join('  ')))
}

/** Tells what becomes of its lines, and what is heard on them whenever that changes. */
function follow(phone: Phone, out: Out, stop: AbortSignal): { end(): void } {
  const known = new Map<Line, { state: string; hears: string }>()
  const look = () => {
    for (const line of phone.lines) {
      const before = known.get(line) ?? { state: '', hears: '' }
      if (before.state === '')
        void line.ended.then((ending) =>
          tell(out, {
            what: 'ended',
            number: line.number,
            by: ending.by,
            ...(ending.status === undefined ? {} : { status: ending.status }),
          }),
        )
      const hears = line.state === 'connected' ? heardOn(line) : { tones: [], level: 'nothing' }
      const words = `${hears.tones} ${hears.level}`
      if (line.state !== before.state) tell(out, { what: line.state, number: line.number })
      if (line.state === 'connected' && words !== before.hears) tell(out, { what: 'hears', number: line.number, ...hears })
      known.set(line, { state: line.state, hears: words })
    }
    for (const line of known.keys()) if (line.state === 'ended') known.delete(line)
  }
  const timer = setInterval(look, bounds.redrawMs)
  stop.addEventListener('abort', () => clearInterval(timer), { once: true })
  return { end: () => clearInterval(timer) }
}

function heardOn({ heard }: Line): { readonly tones: readonly number[]; readonly level: 'nothing' | 'silence' | 'sound' } {
  const level = heard.recent(200).length === 0 ? 'nothing' : heard.level() < -60 ? 'silence' : 'sound'
  return { tones: heard.tones(), level }
}

async function optionsOf(asked: Asked): Promise<PhoneOptions> {
  const number = asked.arg(0)
  const settings = settingsOf(asked)
  const transport = (asked.choice('transport', transports) ?? 'udp').toUpperCase() as Transport
  const server = await serverOf(asked.text('server'), transport, settings)
  const [account, extension] = extensionIn(settings, number)
  const password = asked.text('password') ?? asked.environment.SOTTO_PHONE_PASSWORD ?? extension?.password
  const realm = asked.text('realm') ?? settings?.sip.realm
  const ring = asked.number('answer', { min: 0, max: 3_600 }) ?? 0
  return {
    ...{ server, transport, user: asked.text('user') ?? (account === undefined ? number : `${account.code}*${number}`) },
    ...(password === undefined ? {} : { password }),
    ...(realm === undefined ? {} : { realm }),
    ...(server.host === '127.0.0.1' || transport !== 'UDP'
      ? {}
      : { listen: { host: server.host.includes(':') ? '::' : '0.0.0.0', port: 0 } }),
    ...(asked.is('reject') ? { behaviour: 'busy' as const } : { behaviour: { answerAfterMs: ring * 1000 } }),
    tone: voiceOf(asked),
    keepSeconds: 2,
  }
}

function voiceOf(asked: Asked): Voice {
  const file = asked.text('file')
  if (file === undefined) return tone(asked.number('tone', { min: 50, max: 3_900 }) ?? 1_000)
  const samples = samplesIn(file)
  const whole = new Int16Array(Math.ceil(samples.length / 160) * 160)
  whole.set(samples)
  return loop(whole)
}

function settingsOf(asked: Asked): Settings | undefined {
  const file = asked.text('config') || asked.environment.SOTTO_CONFIG
  const settings = loadSettings(file ?? demoConfig, asked.environment)
  if (settings.ok) return settings.value
  if (file === undefined) return undefined
  throw wrongUse(`${file} cannot be used: sotto doctor --config ${file}`)
}

export function extensionIn(settings: Settings | undefined, number: string) {
  for (const account of settings?.accounts ?? []) {
    const extension = account.extensions.find((one) => one.number === number)
    if (extension !== undefined) return [account, extension] as const
  }
  return []
}

const defaultPorts: Readonly<Record<Transport, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 }

/** The phone works by addresses, not names. */
async function serverOf(text: string | undefined, transport: Transport, settings: Settings | undefined) {
  const listener = settings?.sip.listen.find((one) => one.transport === transport)
  const known =
    listener === undefined ? undefined : `${listener.address.includes(':') ? `[${listener.address}]` : listener.address}:${listener.port}`
  const named = text ?? known
  if (named === undefined) throw wrongUse(`the configuration has no listener for ${transport}: say where with --server`)
  const url = URL.parse(`sip://${named}`)
  if (url === null || url.hostname === '') throw wrongUse(`${named} is no HOST:PORT`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const { address } = await lookup(reachable).catch(() => {
    throw new Failure(exits.unreachable, `there is no ${host}`)
  })
  return { host: address, port: Number(url.port || defaultPorts[transport]) }
}
