import type { CallWorld } from '../../testkit/world-call.ts'

/** Says what is wrong, if anything. */
export type Law = (world: CallWorld) => string | undefined

/** What can be said of one call and its engine, whoever drives them. */
export type Watched = Pick<CallWorld, 'call' | 'engine' | 'at'>
export type StateLaw = (world: Watched) => string | undefined
