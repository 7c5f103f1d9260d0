/** Every bound of the server, with the reason for its size. Units are in the names. */
export const limits = {
  /** A conference of more people than this needs a different mixer; it also bounds every loop over a matrix. */
  partiesPerCall: 32,
  /** Who has left stays readable; beyond this a long call forgets who left first. */
  partiesKeptPerCall: 256,
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
  /** Ring-all rings this many of those who are free, the longest idle first; with the caller and supervisors they fit into `partiesPerCall`. */
  agentsRungAtOnce: 16,
  /** A group's member who does not answer by then is passed over. */
  agentRingMs: 20_000,
  ringTimeoutMaxMs: 300_000,
  queueMs: 600_000,
  /** SIGTERM: live calls may go on this long. */
  drainMs: 3_600_000,
  /** E.164 allows 15 digits; access codes and pauses of old dialling habits come on top. */
  dialledCharacters: 32,
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
  /** Ten wrong secrets from one address within a minute are guesses: the token endpoint is closed to it for the rest of the minute. */
  loginFailures: 10,
  loginWindowMs: 60_000,
  loginSources: 10_000,
  /** Subscribers, pollers and browsers of one node; each connection costs a descriptor. */
  httpConnections: 10_000,
  /** An honest client sends its head at once and 64 KiB in a few seconds; slower ones hold a connection for nothing. */
  httpHeadMs: 10_000,
  httpRequestMs: 30_000,
  /** Longer than the idle time of the usual proxies (60 s), so that it is the proxy who closes. */
  httpKeepAliveMs: 75_000,
  httpHeadBytes: 16_384,
  /** Answers under way when the server stops get this long. */
  httpCloseMs: 5_000,
  /** RFC 3261 §18.1.1 lets a datagram be 65,535 bytes; no honest phone sends a quarter of this. */
  sipMessageBytes: 65_535,
  sipHeaders: 128,
  sipHeaderBytes: 8_192,
  sipConnections: 4_096,
  sipConnectionsPerSource: 512,
  /** A phone's registration is renewed on its connection well before it ends; one that is silent for longer than the longest has gone. */
  sipConnectionIdleMs: 3_900_000,
  /** A connection's first whole message, TLS or WebSocket handshake included: whoever takes longer is no phone. */
  sipFirstMessageMs: 15_000,
  /** A peer that does not read what it is sent: some four messages of the largest size. */
  sipConnectionBacklogBytes: 262_144,
  /** A browser answers WebSocket pings by itself; one that misses two is gone, and its calls are told so within a minute. */
  sipWebSocketPingMs: 25_000,
  /** Datagrams that arrive while the process is busy wait in the kernel; 4 MB are some 5,000 requests. */
  sipReceiveBufferBytes: 4_194_304,
  /** The other end of the local socket is a busy media process for a few milliseconds, or it hangs: some thousand orders. */
  mediaOrderBacklogBytes: 4_194_304,
  mediaReconnectMs: 50,
  mediaReconnectMaxMs: 250,
  /** Goodbyes are sent, and sent again once or twice, before the sockets close. */
  engineStopMs: 1_200,
  /** Unauthenticated requests per source and second; a phone that boots sends about ten. Trusted trunks are exempt. */
  sipRequestsPerSourcePerSecond: 200,
  /** A finished call over UDP leaves a hundred transaction-seconds behind (timers of 32 s): room for a thousand set-ups a second. */
  sipTransactions: 100_000,
  sipContactsPerExtension: 10,
  /** Two legs of every call, and a supervisor or two on some. */
  sipSessions: 15_000,
  /** One INVITE may be forked on by proxies; each fork that answers is an early dialog. */
  sipEarlyDialogsPerFork: 12,
  /** Sources whose request rate is remembered; beyond it the oldest is forgotten. */
  sipSources: 10_000,
  /** Servers tried for one request (RFC 3263); each may take 32 s to be given up. */
  sipHopsPerRequest: 6,
  sipLookups: 1_000,
  /** Name lookup and connection together; a caller waits in silence meanwhile. */
  sipReachMs: 8_000,
  /** A phone that is busy says 100 first, too. The refusal is right behind it; whoever ordered the call is answered after this at the latest. */
  sipVerdictMs: 250,
  /** Re-offers that meet the far end's own (491) are retried this often. */
  sipOfferRetries: 6,
  /** What the far end offers or refers to within a dialog must be decided by then; its own transaction ends at 32 s. */
  sipDecisionMs: 20_000,
  sipTransfersPerSession: 4,
  /** RFC 3261 §10.3 and RFC 4028 §4 leave the bounds to us. */
  sipRegistrationMinS: 60,
  sipRegistrationMaxS: 3_600,
  sipSessionExpiresS: 1_800,
  sipMinSessionExpiresS: 90,
  sipNonceMs: 60_000,
  sipNonceUses: 10_000,
  /** A browser's description with a dozen of everything has half of this; phones send under 2 KB. */
  sdpBytes: 32_768,
  sdpLines: 1_024,
  /** Sections in one description; each has to be mirrored in every later one of the dialog. */
  sdpStreams: 16,
  mediaLegs: 10_000,
  /** A control process that stays away longer than this cannot vouch for a supervisor's voice: fail closed. */
  mediaLeaseMs: 10_000,
  /** A freed port rests this long, so that the tail of an ended call's packets cannot be heard in the next one. */
  mediaPortQuarantineMs: 5_000,
  /** Symmetric RTP (RFC 4961): a phone behind NAT shows its real address within its first seconds; later strangers are refused. */
  mediaLatchMs: 5_000,
  /** This many packets in sequence before an unsignalled source is believed: a stray datagram or a port scan sends no such run. */
  mediaLatchPackets: 4,
  /** 120 ms of G.711: nobody packs more, and it bounds every frame buffer. */
  mediaPayloadBytes: 960,
  /** 240 ms: beyond this a talker's ring is late speech, which disturbs more than a skip. */
  mediaJitterSamples: 1_920,
  /** A row names a talker at most once: the parties of a call and its supervisors. */
  mediaTalkersPerRow: 40,
  mediaRowsPerBridge: 64,
  mediaConnections: 8,
  /** A rewire of the largest bridge is about 100 kB of JSON. */
  mediaOrderBytes: 262_144,
  /** A control process that reads this slowly is cut off and re-attaches with `list`; an inventory of every leg fits. */
  mediaEventBacklogBytes: 16_777_216,
  /** Levels asked for and not yet answered; an answer takes milliseconds, and only a process that hangs lets them pile up. */
  mediaQuestions: 1_000,
  /** Key presses of one phone that wait to be played to another; more than this is no person dialling. Fits into `mediaDigitsQueued`. */
  digitBacklogMs: 5_000,
  /** Digits waiting to be sent on one leg; longer dial strings are sent in parts. */
  mediaDigitsQueued: 64,
  /** No RTP for this long from a leg that should be sending: ask the phone whether it is still there. */
  rtpSilenceMs: 10_000,
  /** A leg of a control process that died is kept until its phone has said nothing for this long. */
  inheritedSilenceMs: 60_000,
} as const
