import type { LegId } from '../kernel/ids.ts'
import type { Instant } from '../kernel/time.ts'
import { addressOf, type Endpoint, type Presented } from './endpoint.ts'
import type { LegRow } from './matrix.ts'
import type { EndReason } from './reason.ts'
import type { RecordingOrder } from './recording.ts'

/** How an endpoint is shown on a phone that is called on its behalf. */
export function presentation(endpoint: Endpoint): Presented {
  return endpoint.name === undefined ? { number: addressOf(endpoint) } : { number: addressOf(endpoint), name: endpoint.name }
}

/** How a conference is shown. */
export function conference({ room = '', presented = room, presentedName }: Shown): Presented {
  return presentedName === undefined ? { number: presented } : { number: presented, name: presentedName }
}

interface Shown {
  readonly room?: string
  readonly presented?: string
  readonly presentedName?: string
}

/** What the world must do now. All but `seek-agent` are orders to the engine, in order. */
export type Effect =
  | {
      readonly kind: 'invite'
      readonly leg: LegId
      readonly to: Endpoint
      readonly from: Presented
      readonly voice: 'core' | 'supervisor'
      readonly autoAnswer: boolean
    }
  /** Tell an offered leg that it rings (180). */
  | { readonly kind: 'ring'; readonly leg: LegId }
  | { readonly kind: 'answer'; readonly leg: LegId }
  | { readonly kind: 'hang-up'; readonly leg: LegId; readonly reason: EndReason }
  /** From now on this leg's voice belongs to the conversation (take-over), so that a lost lease does not cut it. */
  | { readonly kind: 'set-voice'; readonly leg: LegId; readonly voice: 'core' | 'supervisor' }
  | { readonly kind: 'rewire'; readonly revision: number; readonly rows: readonly LegRow[] }
  /** What of the call is to be recorded from now on. */
  | ({ readonly kind: 'record' } & RecordingOrder)
  | {
      readonly kind: 'transfer-progress'
      readonly leg: LegId
      readonly transfer: string
      readonly progress: 'trying' | 'ringing' | 'done' | 'failed'
    }
  /** The call waits in a group: the desk looks for an agent now, and again whenever one becomes free. */
  | { readonly kind: 'seek-agent'; readonly group: string; readonly at: Instant }
  /** Nothing more will come: the bridge may go. */
  | { readonly kind: 'close' }
