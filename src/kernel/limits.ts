/** Every bound of the server, with the reason for its size. Units are in the names. */
export const limits = {
  /** A conference of more people than this needs a different mixer; it also bounds every loop over a matrix. */
  partiesPerCall: 32,
  /** More listeners than this on one call is a recording, not supervision. */
  supervisionsPerCall: 8,
  /** One node; a call costs memory in control and three ports or so in media. */
  callsPerNode: 5_000,
  /** Ended calls stay readable for 24 h, bounded by count so that a busy day cannot fill the memory. */
  endedCallsKept: 20_000,
  endedCallsKeptMs: 24 * 3_600_000,
  /** W18: an engine that has not accepted the first leg by then is a timeout. */
  engineAcceptMs: 5_000,
  /** The mixer answers a rewire in a few milliseconds; this much later something is broken. */
  wiringConfirmMs: 2_000,
  supervisorRingMs: 30_000,
  partyRingMs: 60_000,
  ringTimeoutMaxMs: 300_000,
  queueMs: 600_000,
  /** SIGTERM: live calls may go on this long. */
  drainMs: 3_600_000,
  /** W7. */
  httpBodyBytes: 65_536,
  /** Events kept for replay by cursor until the journal lands. */
  eventsKept: 50_000,
  eventSubscribers: 1_000,
  /** A slow event reader is cut off, not buffered without end. */
  eventBacklogPerSubscriber: 1_000,
  idempotencyKeys: 50_000,
  idempotencyMs: 24 * 3_600_000,
  tokens: 50_000,
  tokenMs: 3_600_000,
  /** RFC 3261 §18.1.1 lets a datagram be 65,535 bytes; no honest phone sends a quarter of this. */
  sipMessageBytes: 65_535,
  sipHeaders: 128,
  sipHeaderBytes: 8_192,
  sipConnections: 4_096,
  sipConnectionsPerSource: 512,
  /** Unauthenticated requests per source and second; a phone that boots sends about ten. Trusted trunks are exempt. */
  sipRequestsPerSourcePerSecond: 200,
  sipTransactions: 50_000,
  sipContactsPerExtension: 10,
  sipNonceMs: 60_000,
  sipNonceUses: 10_000,
  mediaLegs: 10_000,
  /** A control process that stays away longer than this cannot vouch for a supervisor's voice: fail closed. */
  mediaLeaseMs: 10_000,
  /** No RTP for this long from a leg that should be sending: ask the phone whether it is still there. */
  rtpSilenceMs: 10_000,
} as const
