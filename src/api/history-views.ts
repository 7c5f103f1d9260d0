/** Call records and the audit as JSON. */
import type { AuditEntry } from '../audit/chain.ts'
import type { AccessDeniedFact, AuditFact, DeniedFact, ErasedFact, HearingFact, Person, PrunedFact } from '../audit/fact.ts'
import type { Openings } from '../audit/opening.ts'
import { opened, openedName } from '../audit/seal.ts'
import type { OpenInterval } from '../audit/watch.ts'
import type { Cdr, CdrInterval, CdrSupervision, CdrTransfer } from '../call/cdr.ts'
import { rfc3339 } from '../kernel/time.ts'
import { addressView, timeOf } from './views.ts'

export function cdrView(cdr: Cdr): object {
  const { id, direction, ani, dnis, group, endReason, waitingMs, talkMs, holdMs, totalMs, disposition } = cdr
  return {
    ...{ id, direction, ani, dnis, group },
    ...{ startedAt: timeOf(cdr.startedAt), answeredAt: timeOf(cdr.answeredAt), endedAt: timeOf(cdr.endedAt), endReason },
    ...wholeMs({ waitingMs, talkMs, holdMs, totalMs }),
    parties: cdr.parties.map(({ id, role, endpoint, joinedAt, leftAt, reason }) => ({
      ...{ id, role, ...addressView(endpoint), joinedAt: rfc3339(joinedAt), leftAt: timeOf(leftAt), endReason: reason },
    })),
    transfers: cdr.transfers.map(transferView),
    supervisions: cdr.supervisions.map(supervisionView),
    parks: cdr.parks.map((park) => ({ place: park.place, partyId: park.by, fetchedBy: park.fetchedBy, ...spanView(park) })),
    recordings: cdr.recordings.map(spanView),
    ...{ disposition: disposition?.name, notes: disposition?.notes, callbackAt: timeOf(disposition?.callbackAt) },
  }
}

function transferView({ at, to, result }: CdrTransfer): object {
  const outcome = 'done' in result ? { how: result.done, from: result.from } : { failed: result.failed }
  return { at: rfc3339(at), to, ...outcome }
}

function supervisionView({ id, party, follow, requestedAt, activeAt, endedAt, reason, intervals }: CdrSupervision): object {
  return {
    ...{ id, partyId: party, follow, requestedAt: rfc3339(requestedAt) },
    ...{ activeAt: timeOf(activeAt), endedAt: timeOf(endedAt), endReason: reason },
    intervals: intervals.map((i) => ({ mode: i.mode, target: i.target, private: i.private, ...spanView(i) })),
  }
}

const spanView = ({ from, to }: CdrInterval): object => ({ from: rfc3339(from), to: timeOf(to) })

export function auditView({ seq, at, hash, previous, fact, sealed }: AuditEntry): object {
  return { seq, at: rfc3339(at), ...factView(fact, sealed), hash, previous }
}

/** It will be an entry when it is over. */
export function openView(open: OpenInterval): object {
  return { seq: null, at: rfc3339(open.from), ...aboutView(open), could: open.could, other: personView(open.other), ...openSpan(open) }
}

const openSpan = ({ from, by }: OpenInterval): object => ({ from: rfc3339(from), to: null, by })

function factView(fact: AuditFact, sealed?: Openings): object {
  switch (fact.kind) {
    case 'supervision.denied':
      return deniedView(fact, sealed)
    case 'hearing': {
      const { could, other, from, to, by, reason } = fact
      return { ...aboutView(fact, sealed), could, other: personView(other, sealed), from: rfc3339(from), to: rfc3339(to), by, reason }
    }
    case 'supervision.requested':
      return { ...aboutView(fact, sealed), follow: fact.follow, by: fact.by }
    case 'supervision.active':
      return aboutView(fact, sealed)
    case 'supervision.mode-changed':
      return { ...aboutView(fact, sealed), by: fact.by }
    case 'supervision.refused':
    case 'supervision.ended':
      return { ...aboutView(fact, sealed), reason: fact.reason, by: fact.by }
    case 'access.denied': {
      const { kind, act, by, code, call, about } = fact
      return { kind, callId: call, act, code, by, requested: about }
    }
    case 'audit.pruned':
      return { kind: fact.kind, upTo: fact.upTo, before: rfc3339(fact.before) }
    case 'person.erased': {
      const { kind, by, entries, calls, recordings, held } = fact
      return { kind, by, entries, calls, recordings, held }
    }
  }
}

function deniedView({ kind, act, by, code, call, supervision, mode, supervisor, sealed }: DeniedFact, openings?: Openings): object {
  const number = openedName(sealed, openings)
  const requested = sealed === undefined || number === undefined ? supervisor : `${supervisor} ${number}`
  return { kind, callId: call, supervisionId: supervision, mode, act, code, by, requested }
}

type OfSupervision = Exclude<AuditFact, AccessDeniedFact | DeniedFact | HearingFact | PrunedFact | ErasedFact>

function aboutView(about: OfSupervision | HearingFact | OpenInterval, sealed?: Openings): object {
  const { kind, call, supervision, supervisor, mode, target, private: isPrivate } = about
  return { kind, callId: call, supervisionId: supervision, supervisor: personView(supervisor, sealed), mode, target, private: isPrivate }
}

const personView = (person: Person, sealed?: Openings): object => {
  const { party, ...rest } = opened(person, sealed)
  return { partyId: party, ...rest }
}

/** Whole milliseconds whose sum stays the sum. */
function wholeMs({ waitingMs, talkMs, totalMs }: Pick<Cdr, 'waitingMs' | 'talkMs' | 'holdMs' | 'totalMs'>): object {
  const [waiting, talk, total] = [Math.floor(waitingMs), Math.floor(talkMs), Math.floor(totalMs)]
  return { waitingMs: waiting, talkMs: talk, holdMs: total - waiting - talk, totalMs: total }
}
