/** What the API tells, as far as the command line reads it. */

export interface PartyView {
  readonly id: string
  readonly role: 'customer' | 'agent' | 'supervisor' | 'participant'
  readonly extension?: string
  readonly number?: string
  readonly name?: string
  readonly agent?: string
  readonly state: 'ringing' | 'talking' | 'held' | 'ended'
  readonly muted: boolean
}

export interface SupervisionView {
  readonly id: string
  readonly callId: string
  readonly partyId: string
  readonly mode: string
  readonly target?: string
  readonly state: 'ringing' | 'active' | 'ended'
  readonly endReason?: string
}

export interface CallView {
  readonly id: string
  readonly revision: number
  readonly state: 'queued' | 'ringing' | 'active' | 'held' | 'ended'
  readonly ani: string
  readonly dnis: string
  readonly group?: string
  readonly startedAt: string
  readonly endReason?: string
  readonly recording: { readonly state: string }
  readonly parties: readonly PartyView[]
  readonly supervisions: readonly SupervisionView[]
}

export interface HearingView {
  readonly callId: string
  readonly revision: number
  readonly appliedRevision: number
  readonly appliedAt: string | null
  readonly pairs: readonly { readonly listener: string; readonly talker: string; readonly levelDbov: number | null }[]
}

export interface AgentView {
  readonly id: string
  readonly name: string
  readonly extension: string
  readonly groups: readonly string[]
  readonly state: string
  readonly since: string
  readonly callId?: string
  readonly hand?: { readonly since: string; readonly note?: string }
}

export interface LineView {
  readonly id: string
  readonly state: 'connecting' | 'open' | 'lost' | 'closed'
  readonly supervision?: string
}

export interface IceServerView {
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}

export interface EventView {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly callId?: string
  readonly call?: CallView
  readonly data: Readonly<Record<string, unknown>>
}
