/** Places a call between two virtual phones and hears whether both are heard, by each other and over WebRTC. */

import type { Settings } from '../../src/edge/settings.ts'
import { Phone } from '../../testkit/phone.ts'
import { tonesIn } from '../../testkit/phone-tones.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { partyTones } from '../../testkit/voice.ts'
import type { Api } from '../api.ts'
import { bounds } from '../bounds.ts'
import { reasonOf } from '../exits.ts'
import { AudioLine } from '../line.ts'
import { Playout } from '../playout.ts'
import { supervised } from '../supervising.ts'
import type { CallView } from '../views.ts'
import { type Finding, fail, type Patient, pass } from './check.ts'
import type { PhoneAccount, Stage } from './stage.ts'
import { temporaryServer } from './temporary-server.ts'

const name = 'audio'
const tones = [partyTones[1], partyTones[4]] as const

export async function callBothWays(patient: Patient): Promise<readonly Finding[]> {
  const running = await stageOn(patient)
  if (running !== undefined) return conversation(running)
  patient.progress('audio: a temporary server …')
  const server = await temporaryServer()
  try {
    return await conversation(server.stage)
  } finally {
    await server.stop()
  }
}

/**
 * The server that runs, if there are two phones to be had: a real phone must not ring because of us, and no agent be called by customers
 * because of a phone of ours.
 */
async function stageOn({ settings, health, api, phones }: Patient): Promise<Stage | undefined> {
  const listener = settings.sip.listen.find(({ transport }) => transport === 'UDP')
  if (health === undefined || api === undefined || listener === undefined) return undefined
  const accounts = phones === undefined ? await spare(settings, api) : named(settings, phones)
  const [first, second] = accounts
  if (first === undefined || second === undefined) return undefined
  const host = listener.address === '0.0.0.0' ? '127.0.0.1' : listener.address === '::' ? '::1' : listener.address
  const where = `the running server, between ${first.number} and ${second.number}`
  return { where, api, sip: { host, port: listener.port }, realm: settings.sip.realm, phones: [first, second] }
}

interface ExtensionView {
  readonly number: string
  readonly registered: boolean
  readonly agent?: string
}

async function spare(settings: Settings, api: Api): Promise<readonly PhoneAccount[]> {
  const known = await api.list<ExtensionView>('/extensions').catch(() => [])
  const idle = known.filter(({ registered, agent }) => !registered && agent === undefined).map(({ number }) => number)
  // Who may not be listened to would fail the test of listening.
  return phonesIn(settings, (number, mayBeMonitored) => mayBeMonitored && idle.includes(number))
}

const named = (settings: Settings, numbers: readonly string[]) =>
  numbers.flatMap((wanted) => phonesIn(settings, (number) => number === wanted).slice(0, 1))

/** Of the account that most fit in. */
function phonesIn({ accounts }: Settings, fits: (number: string, mayBeMonitored: boolean) => boolean): readonly PhoneAccount[] {
  const found = accounts.map(({ code, extensions }) =>
    extensions.flatMap(({ number, password, mayBeMonitored }) =>
      fits(number, mayBeMonitored) ? [{ number, user: `${code}*${number}`, password }] : [],
    ),
  )
  return found.toSorted((a, b) => b.length - a.length)[0] ?? []
}

async function conversation(stage: Stage): Promise<readonly Finding[]> {
  const phones: Phone[] = []
  try {
    for (const [at, account] of stage.phones.entries()) phones.push(await registered(stage, account, tones[at] ?? 0))
    const [caller, called] = phones
    if (caller === undefined || called === undefined) return []
    const line = await caller.call(stage.phones[1].number)
    await soon(line.answered, `${stage.phones[1].number} answers`, bounds.hearMs)
    const other = called.line
    const hears = (ear: typeof line, tone: number) =>
      eventually(`${ear.owner === caller ? 'caller' : 'called'} hears the other`, () => ear.heard.tones().includes(tone), bounds.hearMs)
    await Promise.all([hears(line, tones[1]), hears(other, tones[0])])
    const heard = pass(name, `a call on ${stage.where}: both hear the other`)
    return [heard, ...(await overWebRtc(stage))]
  } catch (error) {
    const todo =
      'If a firewall runs on this machine, open SIP and the media ports for it; the log of the server says how far the call came.'
    return [fail(name, `a call on ${stage.where} failed: ${reasonOf(error)}`, todo)]
  } finally {
    await Promise.all(phones.map((phone) => phone.stop()))
  }
}

async function registered({ sip, realm }: Stage, { user, password }: PhoneAccount, tone: number): Promise<Phone> {
  const phone = await Phone.start({ server: sip, user, password, realm, tone, autoAnswer: true, expiresS: 120, keepSeconds: 2 })
  await phone.register().catch(async (error: unknown) => {
    await phone.stop()
    throw error
  })
  return phone
}

async function overWebRtc({ api, phones }: Stage): Promise<readonly Finding[]> {
  if (api === undefined) return []
  let recent = new Int16Array(0)
  const playout = new Playout((samples) => {
    recent = Int16Array.from([...recent, ...samples].slice(-1_600))
  })
  try {
    const call = (await api.list<CallView>('/calls', { extension: phones[0].number }))[0]
    if (call === undefined) throw new Error('the key does not see the call')
    const line = await AudioLine.open(api, {
      label: 'sotto doctor',
      onPacket: (packet, law) => playout.take(packet, law, performance.now()),
    })
    try {
      await supervised(api, line, { call: call.id, mode: 'monitor' })
      await eventually('both are heard', () => tones.every((tone) => tonesIn(recent).includes(tone)), bounds.hearMs)
    } finally {
      await line.close()
    }
    return [pass('webrtc', 'a line over WebRTC hears both')]
  } catch (error) {
    return [fail('webrtc', reasonOf(error), 'Open the media ports (or `media.webrtcPort`) for UDP; the key needs the role supervisor.')]
  }
}
