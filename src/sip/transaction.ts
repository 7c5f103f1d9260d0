/**
 * The four transactions of RFC 3261 §17 with the corrections of RFC 6026, as tables. What is not in a table is absorbed: a transaction
 * exists to take retransmissions off the shoulders of those above.
 */

export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M'

export type TransactionState = 'calling' | 'trying' | 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated'

/** A response's class (received by a client, given from above to a server), a received request, a timer, or the flow's death. */
export type TransactionInput = '1xx' | '2xx' | 'failure' | 'request' | 'ack' | 'flow-failed' | TimerName

/** What a response of this status is to a transaction. */
export const inputOf = (status: number): TransactionInput => (status < 200 ? '1xx' : status < 300 ? '2xx' : 'failure')

/**
 * `send`: a client's request, a server's latest response. `ack`: the hop's ACK of a failure (§17.1.1.3). `report`: hand the message up.
 * `report-timeout`, `report-failure`: hand that up instead.
 */
export type TransactionAction = 'send' | 'ack' | 'report' | 'report-timeout' | 'report-failure'

export interface Transition {
  readonly to: TransactionState
  readonly actions: readonly TransactionAction[]
}

export interface Machine {
  readonly name: 'invite-client' | 'client' | 'invite-server' | 'server'
  readonly initial: TransactionState
  /** Timers that run in a state. One that runs in the next state too goes on; the others stop. */
  readonly timers: Partial<Record<TransactionState, readonly TimerName[]>>
  readonly on: Partial<Record<TransactionState, Partial<Record<TransactionInput, Transition>>>>
}

const to = (state: TransactionState, ...actions: TransactionAction[]): Transition => ({ to: state, actions })

/** RFC 3261 figure 5 with RFC 6026 §8.4: `accepted` lets every 2xx of every fork through until timer M. */
export const inviteClient: Machine = {
  name: 'invite-client',
  initial: 'calling',
  timers: { calling: ['A', 'B'], completed: ['D'], accepted: ['M'] },
  on: {
    calling: {
      A: to('calling', 'send'),
      B: to('terminated', 'report-timeout'),
      '1xx': to('proceeding', 'report'),
      '2xx': to('accepted', 'report'),
      failure: to('completed', 'ack', 'report'),
      'flow-failed': to('terminated', 'report-failure'),
    },
    proceeding: {
      '1xx': to('proceeding', 'report'),
      '2xx': to('accepted', 'report'),
      failure: to('completed', 'ack', 'report'),
      'flow-failed': to('terminated', 'report-failure'),
    },
    completed: { failure: to('completed', 'ack'), D: to('terminated'), 'flow-failed': to('terminated') },
    accepted: { '2xx': to('accepted', 'report'), M: to('terminated'), 'flow-failed': to('terminated') },
  },
}

/** RFC 3261 figure 6. */
export const client: Machine = {
  name: 'client',
  initial: 'trying',
  timers: { trying: ['E', 'F'], proceeding: ['E', 'F'], completed: ['K'] },
  on: {
    trying: {
      E: to('trying', 'send'),
      F: to('terminated', 'report-timeout'),
      '1xx': to('proceeding', 'report'),
      '2xx': to('completed', 'report'),
      failure: to('completed', 'report'),
      'flow-failed': to('terminated', 'report-failure'),
    },
    proceeding: {
      E: to('proceeding', 'send'),
      F: to('terminated', 'report-timeout'),
      '1xx': to('proceeding', 'report'),
      '2xx': to('completed', 'report'),
      failure: to('completed', 'report'),
      'flow-failed': to('terminated', 'report-failure'),
    },
    completed: { K: to('terminated'), 'flow-failed': to('terminated') },
  },
}

/** RFC 3261 figure 7 with RFC 6026 §8.7: `accepted` absorbs retransmitted INVITEs, while the core repeats its 2xx, until timer L. */
export const inviteServer: Machine = {
  name: 'invite-server',
  initial: 'proceeding',
  timers: { completed: ['G', 'H'], confirmed: ['I'], accepted: ['L'] },
  on: {
    proceeding: {
      request: to('proceeding', 'send'),
      '1xx': to('proceeding', 'send'),
      '2xx': to('accepted', 'send'),
      failure: to('completed', 'send'),
    },
    completed: {
      request: to('completed', 'send'),
      G: to('completed', 'send'),
      H: to('terminated', 'report-timeout'),
      ack: to('confirmed'),
      'flow-failed': to('terminated'),
    },
    confirmed: { I: to('terminated'), 'flow-failed': to('terminated') },
    accepted: { '2xx': to('accepted', 'send'), ack: to('accepted', 'report'), L: to('terminated') },
  },
}

/** RFC 3261 figure 8. */
export const server: Machine = {
  name: 'server',
  initial: 'trying',
  timers: { completed: ['J'] },
  on: {
    trying: { '1xx': to('proceeding', 'send'), '2xx': to('completed', 'send'), failure: to('completed', 'send') },
    proceeding: {
      request: to('proceeding', 'send'),
      '1xx': to('proceeding', 'send'),
      '2xx': to('completed', 'send'),
      failure: to('completed', 'send'),
    },
    completed: { request: to('completed', 'send'), J: to('terminated'), 'flow-failed': to('terminated') },
  },
}

/** RFC 3261 table 4, in milliseconds. */
export const T1 = 500
export const T2 = 4_000
export const T4 = 5_000

/**
 * How long a timer runs when it is set for the `nth` time (from 0) in a transaction; `undefined`: it does not run at all. A timer of 0 ms
 * only waits for retransmissions, which a reliable transport does not have.
 */
export function timerMs(
  name: TimerName,
  nth: number,
  where: { readonly reliable: boolean; readonly state: TransactionState },
): number | undefined {
  switch (name) {
    case 'A':
      return where.reliable ? undefined : T1 * 2 ** nth
    case 'E':
      return where.reliable ? undefined : where.state === 'proceeding' ? T2 : Math.min(T1 * 2 ** nth, T2)
    case 'G':
      return where.reliable ? undefined : Math.min(T1 * 2 ** nth, T2)
    case 'B':
    case 'F':
    case 'H':
    case 'L':
    case 'M':
      return 64 * T1
    case 'D':
      return where.reliable ? 0 : 64 * T1
    case 'J':
      return where.reliable ? 0 : 64 * T1
    case 'I':
    case 'K':
      return where.reliable ? 0 : T4
  }
}
