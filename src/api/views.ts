/** Calls and what belongs to them, as JSON (contract `native.md`, "Calls" and "Supervision"). */
import { type Call, callState, isEnded, partyOf } from '../call/call.ts'
import type { Endpoint } from '../call/endpoint.ts'
import type { Party } from '../call/party.ts'
import type { Supervision } from '../call/supervision.ts'
import type { AgentView, ExtensionView, GroupView, PartyLevel } from '../control/command.ts'
import type { LineView } from '../control/line-words.ts'
import { unreachable } from '../kernel/assert.ts'
import type { PartyId } from '../kernel/ids.ts'
import { type Instant, rfc3339 } from '../kernel/time.ts'
import type { QueuePlaces } from './queue.ts'

const texts = new WeakMap<Call, string>()

/** A call is immutable, so its text is made once per revision. What place a caller has is known where it is read only: others' calls change it. */
export function callText(call: Call, places?: QueuePlaces): string {
  const text = texts.get(call) ?? JSON.stringify(callView(call))
  texts.set(call, text)
  const place = places?.get(call.id)
  return place === undefined ? text : `${text.slice(0, -1)},"queuePosition":${place}}`
}

function callView(call: Call): object {
  return {
    id: call.id,
    revision: call.revision,
    state: callState(call),
    direction: call.direction,
    ani: call.ani,
    dnis: call.dnis,
    group: call.group,
    queuedAt: timeOf(call.queue?.since),
    startedAt: rfc3339(call.startedAt),
    answeredAt: timeOf(call.answeredAt),
    endedAt: timeOf(call.endedAt),
    endReason: call.endReason,
    parties: call.parties.map(partyView),
    supervisions: call.supervisions.map((supervision) => supervisionView(call, supervision)),
    recording: { state: call.recording.state },
    disposition: call.disposition?.name,
    parked: call.parked && parkedView(call.parked),
    reference: call.reference,
    application: call.application,
  }
}

const parkedView = ({ place, by, since }: NonNullable<Call['parked']>): object => ({ place, partyId: by, since: rfc3339(since) })

/** Absent members are `undefined`, which JSON leaves out. */
export const timeOf = (at: Instant | undefined): string | undefined => (at === undefined ? undefined : rfc3339(at))

function partyView(party: Party): object {
  const { id, role, muted } = party
  return { id, role, ...addressView(party.endpoint), state: partyState(party), muted, joinedAt: rfc3339(party.joinedAt) }
}

export function addressView(endpoint: Endpoint): object {
  switch (endpoint.kind) {
    case 'extension':
      return { extension: endpoint.extension, agent: endpoint.agent, name: endpoint.name }
    case 'number':
      return { number: endpoint.number, name: endpoint.name }
    case 'line':
      return { extension: endpoint.extension, agent: endpoint.agent, name: endpoint.name, line: endpoint.line }
    default:
      return unreachable(endpoint)
  }
}

export type PartyViewState = 'ringing' | 'talking' | 'held' | 'ended'

function partyState(party: Party): PartyViewState {
  switch (party.state) {
    case 'offered':
    case 'inviting':
    case 'ringing':
    case 'answering':
      return 'ringing'
    case 'connected':
      return party.held || party.phoneHeld ? 'held' : 'talking'
    case 'ended':
      return 'ended'
    default:
      return unreachable(party.state)
  }
}

export function supervisionView(call: Call, supervision: Supervision): object {
  return {
    id: supervision.id,
    revision: supervision.revision,
    callId: call.id,
    partyId: supervision.party,
    supervisor: supervisorView(partyOf(call, supervision.party)?.endpoint),
    mode: supervision.mode,
    target: supervision.target,
    private: supervision.private,
    state: supervision.state,
    endReason: supervision.endReason,
    startedAt: rfc3339(supervision.startedAt),
    activeAt: timeOf(supervision.activeAt),
    endedAt: timeOf(supervision.endedAt),
  }
}

/** So that other supervisors see who it is. Whoever left long ago is known by his party's id only. */
function supervisorView(endpoint: Endpoint | undefined): object {
  if (endpoint === undefined) return {}
  return { ...addressView(endpoint), user: endpoint.kind === 'line' ? endpoint.user : undefined }
}

export function hearingView(call: Call, levels: readonly PartyLevel[]): object {
  const measured = new Map(levels.map((level) => [level.party, level]))
  const { revision, applied, appliedAt, confirmed } = call.wiring
  return {
    callId: call.id,
    revision,
    // The bridge of a call that is over is gone, whatever it confirmed last: nothing is unknown any more.
    appliedRevision: isEnded(call) ? revision : applied,
    appliedAt: timeOf(call.endedAt ?? appliedAt) ?? null,
    pairs: (isEnded(call) ? [] : confirmed).flatMap((row) =>
      row.talkers.map((talker) => pairView(row.listener, talker, measured.get(talker))),
    ),
  }
}

function pairView(listener: PartyId, talker: PartyId, level: PartyLevel | undefined): object {
  const heardAt = level?.lastAudioAt ?? undefined
  return { listener, talker, hears: true, levelDbov: level?.levelDbov ?? null, lastAudioAt: timeOf(heardAt) ?? null }
}

export function agentView(agent: AgentView): object {
  const { id, username, name, extension, role, groups, state, since, call, reason, loggedInAt, awaits, wrapUpUntil, hand, tally } = agent
  const raised = hand && { since: rfc3339(hand.since), note: hand.note }
  const times = { since: rfc3339(since), loggedInAt: timeOf(loggedInAt), wrapUpUntil: timeOf(wrapUpUntil) }
  return { id, username, name, extension, role, groups, state, reason, ...times, callId: call, awaitsCallId: awaits, hand: raised, tally }
}

/** Whom it belongs to is no part of it: nobody else sees it. */
export function lineView({ id, state, label, user, createdAt, supervision, call }: LineView): object {
  return { id, state, label, user, createdAt: rfc3339(createdAt), supervision, callId: call }
}

export function extensionView(extension: ExtensionView): object {
  const { number, name, registered, contacts, agent, calls } = extension
  return { number, name, registered, contacts, agent, calls }
}

export function groupView(group: GroupView): object {
  const { id, name, extension, strategy, agents, waiting, waitingSince, tally } = group
  return { id, name, extension, strategy, agents, waiting, waitingSince: timeOf(waitingSince), tally }
}
