/**
 * Lets calls without sockets run through the engine until the machine code for them has been made: a standby that begins with code that
 * nobody has run yet would need its first tenths of a second for that.
 */
import { accountId, bridgeId, type LegId, legId } from '../kernel/ids.ts'
import { addMs, type Instant } from '../kernel/time.ts'
import { MediaEngine } from '../media/engine.ts'
import { Legacy } from '../media/legacy.ts'
import type { LegMedia, SrtpKeys } from '../media/protocol.ts'
import { RtpHeader, rtpHeaderBytes } from '../media/rtp.ts'
import { now } from './clock.ts'
import { newBlockCipher, systemRandom } from './crypto.ts'

const calls = 8
const frames = 150
const frameSamples = 160
const remote = { address: '192.0.2.1', port: 4_000 }
const noKey = Buffer.alloc(30).toString('base64')
const account = accountId('warm-up')
const wire = { sendRtp: () => undefined, sendRtcp: () => undefined, connect: () => undefined }

export function warmUp(): void {
  const engine = new MediaEngine({
    wire: { open: () => ({ local: { address: '192.0.2.2', port: 4_000 }, wire }), close: () => undefined, emit: () => undefined },
    random: systemRandom,
    newCipher: newBlockCipher,
  })
  let at = now()
  for (let call = 0; call < calls; call++) open(engine, at, call)
  for (let frame = 0; frame < frames; frame++) {
    for (let slot = 0; slot < engine.legs.all.length; slot++) engine.receive(at, slot, packetOf(slot, frame), remote)
    for (let tick = 1; tick <= 4; tick++) engine.tick(addMs(at, 5 * tick))
    at = addMs(at, 20)
    for (let slot = 0; slot < engine.legs.all.length; slot++) hand(engine, at, slot)
  }
  engine.close(at)
}

/** One in two is encrypted outwards; what comes in is then refused, which is a way of its own. */
function open(engine: MediaEngine, at: Instant, call: number): void {
  const [customer, agent, supervisor] = ['c', 'a', 's'].map((role) => legId(`${role}${call}`)) as [LegId, LegId, LegId]
  const srtp: SrtpKeys | undefined = call % 2 === 1 ? { suite: 'AES_CM_128_HMAC_SHA1_80', send: noKey, receive: noKey } : undefined
  const plain: LegMedia = { remote, rtcpMux: true, codec: 'PCMU', payloadType: 0, ptimeMs: 20, direction: 'sendrecv' }
  for (const leg of [customer, agent, supervisor]) {
    engine.order(at, { kind: 'open-leg', leg, account, voice: leg === supervisor ? 'supervisor' : 'core', family: 4 })
    engine.order(at, { kind: 'set-leg', leg, media: srtp !== undefined && leg === agent ? { ...plain, srtp } : plain })
  }
  const rows = [
    { listener: customer, talkers: [agent] },
    { listener: agent, talkers: [customer, supervisor], main: customer },
    { listener: supervisor, talkers: [agent, customer], main: agent },
  ]
  engine.order(at, { kind: 'rewire', bridge: bridgeId(`b${call}`), account, revision: 1, rows })
}

const header = new RtpHeader()

function packetOf(slot: number, frame: number): Uint8Array {
  const packet = new Uint8Array(rtpHeaderBytes + frameSamples).fill(0x55)
  header.ssrc = slot + 1
  header.sequence = frame
  header.timestamp = frame * frameSamples
  header.payloadType = 0
  header.write(packet)
  return packet
}

const legacy = new Legacy()

/** A leg succeeds itself. */
function hand(engine: MediaEngine, at: Instant, slot: number): void {
  const numbers = new Float64Array(64)
  engine.legs.at(slot)?.save(legacy.begin(numbers, 2))
  engine.legs.at(slot)?.load(at, legacy.begin(numbers, 2), { legAt: (other) => engine.legs.at(other), age: { wentOnMs: 0, unknownMs: 0 } })
}
