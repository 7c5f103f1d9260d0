/** How often and for how long a receiver is tried. */
import { limits } from '../kernel/limits.ts'
import type { Random } from '../kernel/random.ts'

export interface Plan {
  /** Before the second try, the third and so on; the last one is repeated. */
  readonly pausesMs: readonly number[]
  readonly tries: number
  /** No try is made when a parcel is older than this. */
  readonly giveUpMs: number
  /** Pauses are lengthened by up to this share, so that what failed together does not come again together. */
  readonly jitter: number
  /** Requests to one receiver at once; parcels of one lane go one by one all the same. */
  readonly atOnce: number
  /** Failures in a row, of whatever lane, after which the receiver counts as down: then there is one request at a time, after these pauses. */
  readonly restsAfter: number
  readonly restsMs: readonly number[]
  /** Bounds: receivers, parcels that wait for one of them, and dead letters kept of one. */
  readonly receivers: number
  readonly waiting: number
  readonly dead: number
}

export type PlanName = 'webhook' | 'call-out'

export type Plans = Readonly<Record<PlanName, Plan>>

const hour = 3_600_000

export const usualPlans: Plans = {
  webhook: {
    pausesMs: [5_000, 30_000, 120_000, 600_000, 1_800_000, hour],
    tries: Number.POSITIVE_INFINITY,
    giveUpMs: 72 * hour,
    jitter: 0.25,
    atOnce: limits.webhookLettersAtOnce,
    restsAfter: 3,
    restsMs: [5_000, 15_000, 30_000, 60_000],
    receivers: Number.POSITIVE_INFINITY,
    waiting: limits.webhookLettersWaiting,
    dead: limits.webhookLettersDead,
  },
  /** W22 of the contracts: three more tries, after 1, 5 and 25 s, in strict order. What was not taken then is dropped. */
  'call-out': {
    pausesMs: [1_000, 5_000, 25_000],
    tries: 4,
    giveUpMs: 72 * hour,
    jitter: 0,
    atOnce: 1,
    restsAfter: Number.POSITIVE_INFINITY,
    restsMs: [],
    receivers: limits.callOutReceivers,
    waiting: limits.callOutsPerReceiver,
    dead: 0,
  },
}

/** After so many failed tries. */
export function pauseMs({ pausesMs, jitter }: Pick<Plan, 'pausesMs' | 'jitter'>, failed: number, random: Random): number {
  const pause = pausesMs[Math.min(failed, pausesMs.length) - 1] ?? 0
  return Math.round(pause * (1 + (jitter * random.integer(1_001)) / 1_000))
}
