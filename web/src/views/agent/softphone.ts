/** The agent's phone in this page: registered over the server's own `/sip` while he wants it, whichever page he looks at. */
import { computed, effect, signal } from '@preact/signals'
import type { UA } from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'
import { announce, note, wordsOf } from '../../store/notices.ts'
import { client, session } from '../../store/session.ts'
import { a } from '../../strings/agent.ts'
import { startRinging } from './ring.ts'
import { inBrowser, quietRing } from './wish.ts'

export type PhoneState = 'off' | 'starting' | 'registered' | 'away' | 'refused' | 'elsewhere' | 'insecure'
export const phoneState = signal<PhoneState>('off')
export const refusal = signal('')

export interface Talk {
  readonly state: 'ringing' | 'calling' | 'talking'
  /** As the phone call itself says it; the server's own call has more. */
  readonly name: string
  readonly isMuted: boolean
  readonly digits: string
}
export const talk = signal<Talk | undefined>(undefined)
export const extension = computed(() => session.value?.extensions[0])

interface Softphone {
  readonly extension: string
  readonly uri: string
  readonly username: string
  readonly password: string
  readonly webSocketUrl: string
  readonly iceServers: RTCIceServer[]
  readonly expiresAt: string
}

let agent: UA | undefined
let current: RTCSession | undefined
let ice: RTCIceServer[] = []
let renewal = 0
/** Counts starts and stops: what was begun before is not gone on with. */
let turn = 0
let letGo: () => void = () => {}
let stopBell: () => void = () => {}

/** From now on the phone is as the switch says; at sign-out it goes. */
export function keepPhone(): void {
  if (isFollowed) return
  isFollowed = true
  let kept: string | undefined
  effect(() => {
    const wanted = inBrowser.value === 'on' ? extension.value : undefined
    if (wanted === kept) return
    if (kept !== undefined) stop()
    kept = wanted
    if (wanted !== undefined) void claim(wanted)
  })
}
let isFollowed = false

/** One tab has the phone: two would ring at once, and speak for the same person. */
async function claim(own: string): Promise<void> {
  const mine = ++turn
  const isSecure = navigator.mediaDevices !== undefined
  phoneState.value = isSecure ? 'elsewhere' : 'insecure'
  if (!isSecure) return
  const taken = Promise.withResolvers<void>()
  void navigator.locks.request(`sotto-phone-${session.peek()?.account.id}-${own}`, async () => {
    const held = Promise.withResolvers<void>()
    letGo = held.resolve
    if (mine === turn) taken.resolve()
    else held.resolve()
    await held.promise
  })
  await taken.promise
  if (mine === turn) await register()
}

function stop(): void {
  turn += 1
  clearTimeout(renewal)
  if (current !== undefined && !current.isEnded()) current.terminate()
  agent?.stop()
  agent = undefined
  phoneState.value = 'off'
  letGo()
}

async function register(): Promise<void> {
  const mine = turn
  phoneState.value = 'starting'
  const answer = await client.post<Softphone>('/me/softphone', {})
  if (mine !== turn) return
  if (!answer.ok) return refused(wordsOf(answer.problem), answer.problem.status === 0 || answer.problem.status >= 500)
  const { webSocketUrl, uri, username, password, iceServers, expiresAt } = answer.value
  const library = await import('jssip')
  const { UA: Agent, WebSocketInterface } = 'default' in library ? (library.default as typeof library) : library
  if (mine !== turn) return
  ice = iceServers
  const address = new URL(webSocketUrl, location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  const before = agent
  const sockets = [new WebSocketInterface(address.href)]
  const timing = { register_expires: 120, connection_recovery_min_interval: 1, connection_recovery_max_interval: 5 }
  agent = new Agent({ sockets, uri, authorization_user: username, password, session_timers: false, ...timing })
  before?.stop()
  listenTo(agent)
  agent.start()
  planRenewal(expiresAt)
}

/** A pass lapses; a new one is asked for in time, between calls. */
function planRenewal(expiresAt: string): void {
  clearTimeout(renewal)
  const renew = (): void => {
    if (current === undefined) void register()
    else renewal = setTimeout(renew, 30_000)
  }
  renewal = setTimeout(renew, Math.min(2_000_000_000, Math.max(60_000, (Date.parse(expiresAt) - Date.now()) * 0.8)))
}

function refused(why: string, isPassing: boolean): void {
  refusal.value = why
  phoneState.value = isPassing ? 'away' : 'refused'
  const mine = turn
  renewal = setTimeout(() => mine === turn && void register(), isPassing ? 3_000 : 30_000)
}

function listenTo(own: UA): void {
  const say = (state: PhoneState) => (): void => {
    if (own === agent) phoneState.value = state
  }
  own.on('registered', say('registered'))
  own.on('unregistered', say('away'))
  own.on('disconnected', say('away'))
  own.on('registrationFailed', ({ cause }) => own === agent && refused(String(cause ?? ''), true))
  own.on('newRTCSession', (event: { originator: string; session: RTCSession }) => {
    if (current === undefined) take(event.session, event.originator === 'remote' ? 'ringing' : 'calling')
    else if (event.originator === 'remote') event.session.terminate({ status_code: 486 })
  })
}

function take(begun: RTCSession, state: 'ringing' | 'calling'): void {
  current = begun
  const { display_name: display, uri } = begun.remote_identity
  talk.value = { state, name: display || uri.user, isMuted: false, digits: '' }
  if (state === 'ringing') ringFor(talk.value.name)
  if (begun.connection) listenToPeer(begun.connection)
  begun.on('peerconnection', ({ peerconnection }) => listenToPeer(peerconnection))
  // A candidate that does not come must not hold up the answer.
  begun.on('icecandidate', ({ ready }) => setTimeout(ready, 800))
  begun.on('confirmed', () => change({ state: 'talking' }))
  begun.on('accepted', () => change({ state: 'talking' }))
  begun.on('getusermediafailed', () => note('fault', a('phone.microphone')))
  begun.on('ended', () => over(begun))
  begun.on('failed', ({ originator, cause }) => {
    if (state === 'calling' && originator !== 'local') note('fault', a('phone.failed', { why: cause }))
    over(begun)
  })
}

const change = (over: Partial<Talk>): void => {
  stopBell()
  if (talk.value !== undefined) talk.value = { ...talk.value, ...over }
}

function over(ended: RTCSession): void {
  if (current !== ended) return
  stopBell()
  current = undefined
  talk.value = undefined
  sound.srcObject = null
}

function ringFor(name: string): void {
  announce(a('ring.from', { name }))
  if (location.hash !== '#/agent' && session.peek()?.role === 'agent') location.hash = '#/agent'
  const before = document.title
  const stopTone = quietRing.peek() === 'on' ? () => {} : startRinging()
  document.title = a('phone.title.ringing', { name })
  stopBell = () => {
    stopTone()
    document.title = before
    stopBell = () => {}
  }
}

const sound = new Audio()

function listenToPeer(peer: RTCPeerConnection): void {
  peer.addEventListener('track', ({ track }) => {
    sound.srcObject = new MediaStream([track])
    void sound.play().catch(() => {})
  })
}

const media = () => ({
  mediaConstraints: { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: false },
  pcConfig: { iceServers: ice },
})

export const answer = (): void => {
  if (talk.value?.state === 'ringing') current?.answer(media())
}

export const decline = (): void => current?.terminate(current.isEstablished() ? {} : { status_code: 486 })

export const hangUpPhone = (): void => current?.terminate()

export function dial(number: string): void {
  agent?.call(number.replace(/[\s().-]/g, ''), media())
}

/** The microphone is off here, whatever else is done to the call. */
export function toggleMute(): void {
  if (current === undefined || talk.value === undefined) return
  const isMuted = !talk.value.isMuted
  if (isMuted) current.mute({ audio: true })
  else current.unmute({ audio: true })
  talk.value = { ...talk.value, isMuted }
}

export function sendDigit(digit: string): void {
  if (current?.isEstablished() !== true || talk.value === undefined) return
  current.sendDTMF(digit, { duration: 120, interToneGap: 70, transportType: 'RFC2833' as never })
  talk.value = { ...talk.value, digits: `${talk.value.digits}${digit}`.slice(-24) }
}

addEventListener('beforeunload', (event) => {
  if (talk.peek()?.state === 'talking') event.preventDefault()
})
// Whoever is called must not ring a page that is gone.
addEventListener('pagehide', () => agent?.stop())
