/** What the history's part of the API says, as far as the page reads it. */
import type { Mode, PartyRole } from '../../api/types.ts'

export interface Address {
  readonly extension?: string
  readonly agent?: string
  readonly number?: string
  readonly name?: string
}

export interface RecordParty extends Address {
  readonly id: string
  readonly role: PartyRole
  readonly joinedAt: string
  readonly leftAt?: string
  readonly endReason?: string
}

export interface Span {
  readonly from: string
  readonly to?: string
}

export interface CallRecord {
  readonly id: string
  readonly direction: 'inbound' | 'outbound' | 'internal'
  readonly ani: string
  readonly dnis: string
  readonly group?: string
  readonly startedAt: string
  readonly answeredAt?: string
  readonly endedAt?: string
  readonly endReason?: string
  readonly waitingMs: number
  readonly talkMs: number
  readonly holdMs: number
  readonly totalMs: number
  readonly parties: readonly RecordParty[]
  readonly transfers: readonly {
    readonly at: string
    readonly to: string
    readonly from?: string
    readonly how?: 'blind' | 'attended' | 'take-over'
    readonly failed?: string
  }[]
  readonly supervisions: readonly {
    readonly id: string
    readonly partyId: string
    readonly requestedAt: string
    readonly activeAt?: string
    readonly endedAt?: string
    readonly intervals: readonly (Span & { readonly mode: Mode; readonly target: string })[]
  }[]
  readonly parks: readonly (Span & { readonly place: string })[]
  readonly recordings: readonly Span[]
  readonly disposition?: string
  readonly notes?: string
  readonly callbackAt?: string
}

export interface Gap {
  readonly fromMs: number
  readonly toMs: number
  readonly why: 'paused' | 'hole'
}

export interface Recording {
  readonly id: string
  readonly callId: string
  readonly startedAt: string
  readonly durationMs: number
  readonly format: string
  readonly tracks: readonly { readonly track: string; readonly kind: 'track' | 'mix'; readonly partyId?: string }[]
  readonly gaps: readonly Gap[]
  readonly complete: boolean
  readonly why?: string
  readonly legalHold: boolean
}

export interface Voice extends Address {
  readonly track: string
  readonly kind: 'track' | 'mix'
  readonly partyId?: string
  readonly role?: PartyRole
  readonly peaks: readonly number[]
}

export interface Peaks {
  readonly durationMs: number
  readonly tracks: readonly Voice[]
  readonly gaps: readonly Gap[]
}

export interface AuditPerson extends Address {
  readonly partyId: string
  readonly role?: string
  readonly user?: string
  readonly erased?: boolean
}

export interface AuditEntry {
  /** Null for what still lasts. */
  readonly seq: number | null
  readonly at: string
  readonly kind: string
  readonly callId?: string
  readonly supervisionId?: string
  readonly supervisor?: AuditPerson
  readonly other?: AuditPerson
  readonly could?: 'hear' | 'be-heard'
  readonly from?: string
  readonly to?: string | null
  readonly mode?: Mode
  readonly by?: { readonly role: string; readonly user?: string; readonly credential?: string; readonly via?: string }
  readonly reason?: string
  readonly act?: string
  readonly code?: string
  readonly requested?: string
  readonly upTo?: number
  readonly entries?: readonly number[]
  readonly hash?: string
}

export interface Verdict {
  readonly valid: boolean
  readonly entries: number
  readonly pruned?: { readonly at: string; readonly before: string }
  readonly erased?: number
  readonly head: { readonly seq: number; readonly hash: string; readonly at: number } | null
  readonly flaws: readonly { readonly seq: number; readonly why: string }[]
}

export interface Webhook {
  readonly id: string
  readonly url: string
  readonly description?: string
  readonly state: 'on' | 'off'
  readonly offReason?: 'gone' | 'asked'
  readonly waiting: number
  readonly dead: number
  readonly failures: number
  readonly lastFailure?: { readonly at: string; readonly why: string }
}

export interface DeadLetter {
  readonly id: string
  readonly why: string
  readonly attempts: number
  readonly firstAt: string
  readonly diedAt: string
  readonly event: { readonly type?: string; readonly callId?: string }
}
