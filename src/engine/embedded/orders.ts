/** The desk's orders. One that names a leg which has ended meanwhile is not carried out. */
import type { Effect } from '../../call/effect.ts'
import { unreachable } from '../../kernel/assert.ts'
import { bridgeId, type LegId } from '../../kernel/ids.ts'
import type { Instant } from '../../kernel/time.ts'
import type { EngineOrder } from '../port.ts'
import { rewireOrder } from './bridges.ts'
import { transferProgress } from './conversation.ts'
import { type Core, hangUp } from './core.ts'
import { answer, ring } from './incoming.ts'
import type { Leg } from './leg.ts'
import { speakAs } from './line.ts'
import { attachLine } from './lines.ts'
import { invite } from './outgoing.ts'
import { recordOrder } from './recordings.ts'

type Rewire = Extract<Effect, { kind: 'rewire' }>

export function carryOut(core: Core, at: Instant, order: EngineOrder): void {
  const { effect } = order
  switch (effect.kind) {
    case 'invite': {
      const { to } = effect
      return to.kind === 'line' ? attachLine(core, order, { ...effect, to }) : invite(core, order, { ...effect, to })
    }
    case 'rewire':
      return rewire(core, order, effect)
    case 'record':
      return record(core, order, effect)
    case 'close':
      return close(core, order)
    default: {
      const leg = core.legs.get(effect.leg)
      if (leg !== undefined) toLeg(core, at, leg, { order, effect })
    }
  }
}

type LegEffect = Exclude<EngineOrder['effect'], { kind: 'invite' | 'rewire' | 'record' | 'close' }>

function toLeg(core: Core, at: Instant, leg: Leg, { order, effect }: { readonly order: EngineOrder; readonly effect: LegEffect }): void {
  switch (effect.kind) {
    case 'ring':
      return ring(core, at, leg)
    case 'answer':
      return enter(core, at, leg, order)
    case 'hang-up':
      return hangUp(core, at, leg, effect.reason)
    case 'set-voice':
      return setVoice(core, leg, effect.voice)
    case 'transfer-progress':
      return transferProgress(core, at, leg, effect)
    default:
      return unreachable(effect)
  }
}

/** The leg becomes part of the call. A phone belongs to its account; what a trunk brings belongs to whom it is for. */
function enter(core: Core, at: Instant, leg: Leg, order: EngineOrder): void {
  if (leg.phase !== 'offered') return
  const isOutside = leg.origin.kind === 'incoming' && leg.origin.by === 'trunk'
  if (!isOutside && leg.account !== order.account) return hangUp(core, at, leg, 'failed')
  leg.account = order.account
  leg.call = core.bridges.of(order.call, order.account).call
  answer(core, at, leg)
}

function setVoice(core: Core, leg: Leg, voice: 'core' | 'supervisor'): void {
  leg.voice = voice
  const line = leg.line === undefined ? undefined : core.lines.get(leg.line)
  if (line !== undefined) speakAs((order) => core.line.order(order), line, voice)
  else if (leg.hasMedia) core.line.order({ kind: 'set-voice', leg: leg.id, voice })
}

/**
 * The same revision again, after a restart, is confirmed again. A leg that another call let go (attended transfer) moves here with its first
 * row; the media process silences it there.
 */
function rewire(core: Core, order: EngineOrder, effect: Rewire): void {
  const bridge = core.bridges.of(order.call, order.account)
  if (effect.revision < bridge.revision) return
  if (effect.revision === bridge.confirmed) bridge.confirmed -= 1
  bridge.revision = effect.revision
  bridge.rows = effect.rows
  for (const row of effect.rows) {
    adopt(core, order, row.listener)
    for (const talker of row.talkers) adopt(core, order, talker)
  }
  core.line.order(rewireOrder(bridge, core.legs))
}

function adopt(core: Core, order: EngineOrder, id: LegId): void {
  const leg = core.legs.get(id)
  if (leg !== undefined) leg.call = order.call
}

function record(core: Core, order: EngineOrder, effect: Extract<Effect, { kind: 'record' }>): void {
  const recording = recordOrder(order, effect, (id) => core.legs.get(id)?.mediaLeg ?? id)
  core.bridges.of(order.call, order.account).recording = recording
  core.line.order(recording)
}

function close(core: Core, order: EngineOrder): void {
  core.bridges.remove(order.call)
  core.line.order({ kind: 'close-bridge', bridge: bridgeId(order.call) })
}
