import { mediaLimits } from './limits-media.ts'

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
  /** A parked call whose fetcher did not answer keeps at least this long for another one, before its parker is called back. */
  parkedAgainMs: 10_000,
  /** A group's calls that are answered by then count as answered in time. */
  serviceLevelMs: 20_000,
  /** Who parked a call is called back after this, where the request does not say. */
  parkMs: 180_000,
  parkMinMs: 10_000,
  parkMaxMs: 3_600_000,
  /** A program may have a call ended after at most a day: what lasts longer is a line, not a call. */
  callDurationMaxMs: 24 * 3_600_000,
  /** What an agent notes beside a disposition. */
  notesCharacters: 4_096,
  /** SIGTERM: live calls may go on this long. */
  drainMs: 3_600_000,
  /** E.164 allows 15 digits; access codes and pauses of old dialling habits come on top. */
  dialledCharacters: 32,
  /** W7. */
  httpBodyBytes: 65_536,
  /** Events kept in memory for replay by cursor. */
  eventsKept: 50_000,
  /** A file of the log: some minutes of a busy node. A restart reads at most this, the history and what lives. */
  ledgerSegmentBytes: 8_388_608,
  /** Older files, for events that a reader missed while the server was down. */
  ledgerHistoryBytes: 16_777_216,
  /** Files that the history has not got yet are kept for longer: a database that is away for a weekend on a busy node. */
  ledgerHeldBytes: 2_147_483_648,
  ledgerHeldMs: 72 * 3_600_000,
  /** What waits in memory while the disk is full. */
  ledgerBacklogBytes: 16_777_216,
  /** A disk that needs longer is not waited for: answers and events leave, and the health says so. */
  ledgerSyncMs: 1_000,
  ledgerRetryMs: 250,
  /** Calls that ended last and are there again after a restart, so that they can still be read and disposed. */
  endedCallsRemembered: 1_000,
  /** A signed head covers at most this much that an intruder could still write anew, or a minute's worth. */
  auditEntriesPerHead: 100,
  auditHeadMs: 60_000,
  /** Of each account while there is no database: weeks of supervisions of a busy one. */
  auditEntriesInMemory: 20_000,
  auditHeadsInMemory: 20_000,
  auditEntriesPerRead: 1_000,
  /** Of each account from the file beside the database into it at a start: more than a killed process can have left out. */
  auditHeadsRetold: 1_000,
  /** No supervision lasts longer; one that does is found by when it ended. */
  auditLongestMs: 604_800_000,
  /** The rest follows from these. */
  auditFlawsTold: 20,
  /** The mixer's last word of a call that has ended comes in milliseconds, or it never comes. */
  auditLastWordMs: 10_000,
  eventSubscribers: 1_000,
  /** A slow event reader is cut off, not buffered without end. */
  eventBacklogPerSubscriber: 1_000,
  /** Streams of levels: a page each, of those who look at the floor. */
  levelSubscribers: 200,
  /** Whether the wallboard was built anew is looked at this often at most. */
  wallboardLookMs: 1_000,
  /** Rows that a page shows at once. */
  levelCallsPerStream: 64,
  /** A meter that moves more often is no better to read. */
  levelEveryMs: 250,
  /** Measured at a time, each once for all who look at it: some 2,000 a second, a few hundredths of a processor. Of more each comes in its turn. */
  levelCallsAtOnce: 512,
  idempotencyKeys: 50_000,
  idempotencyMs: 24 * 3_600_000,
  /** Whoever ordered something has his answer by then, and it is kept. */
  orderAnswerMs: 120_000,
  tokens: 50_000,
  tokenMs: 3_600_000,
  /** A lapsed token is answered as lapsed for a day, and as unknown after (contract openvox-yeastar, section 2). */
  tokenRememberedMs: 24 * 3_600_000,
  /** Receivers that one account may name in one dialect; each event looks at all of them. */
  subscriptionsPerAccount: 1_000,
  /** A program's own words on a call. */
  labelsPerCall: 16,
  labelCharacters: 4_096,
  /** Targets that one Smartflo transfer may name; each is looked up in the whole number plan. */
  intercomsPerTransfer: 16,
  /** W22. */
  callOutMs: 10_000,
  callOutsPerReceiver: 1_000,
  callOutReceivers: 1_000,
  callOutsAtOnce: 256,
  webhooksPerAccount: 100,
  /** Of one webhook: a call brings forth some ten events, so this is a thousand calls of a receiver that is away. */
  webhookLettersWaiting: 10_000,
  webhookLettersDead: 1_000,
  /** Requests to one webhook at once, each of another call. */
  webhookLettersAtOnce: 8,
  /** A new secret is rolled out to all the receiver's programs within this; until then both sign. */
  webhookSecretOverlapMs: 24 * 3_600_000,
  /** All that waits to be delivered, and dead letters. It is held in memory, and written whole when a file of the outbox is full. */
  outboxBytes: 134_217_728,
  outboxSegmentBytes: 16_777_216,
  outboxRetryMs: 250,
  /** What is under way when the server stops gets this long; after that it is sent again by the next one, with the same id. */
  outboxCloseMs: 2_000,
  /** Of a receiver's address, which is kept with each token or subscription. */
  callOutUrlCharacters: 2_048,
  /** Ten wrong secrets from one address within a minute are guesses: the token endpoint is closed to it for the rest of the minute. */
  loginFailures: 10,
  loginWindowMs: 60_000,
  loginSources: 10_000,
  /** Wrong passwords of one person, from wherever they come: more than he mistypes, and far too few to guess one. */
  loginFailuresPerUser: 20,
  /** Browsers that are signed in; the one that was used least recently goes first. */
  sessions: 10_000,
  sessionsPerPerson: 50,
  /** How exactly it is written down when a session was used last. */
  sessionTouchMs: 60_000,
  /** A check of a password takes a quarter of a second of a processor, and 32 MB meanwhile: never more than this beside the calls. */
  passwordChecks: 2,
  passwordChecksWaiting: 40,
  passwordCharacters: 1_024,
  /** Sign-ins by an identity provider that have begun, and how long somebody may take over one. */
  providerSignIns: 1_000,
  providerSignInMs: 600_000,
  providerMs: 10_000,
  /** Five wrong passwords in ten minutes lock a login of a dialect (contracts openvox-yeastar and smartflo, section 2). */
  dialectLoginFailures: 5,
  dialectLoginWindowMs: 600_000,
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
  /** Numbers of a dialog are remembered in blocks of this many, so that not every request of ours has to be written down. */
  sipSequenceBlock: 32,
  /** After a restart: what is to be told to a phone whose connection died with the process waits this long for the phone to come back. */
  sipReturnMs: 32_000,
  /** And its registration holds for this long without the connection. */
  sipContactReturnMs: 60_000,
  /** RFC 3261 §10.3 and RFC 4028 §4 leave the bounds to us. */
  sipRegistrationMinS: 60,
  sipRegistrationMaxS: 3_600,
  sipSessionExpiresS: 1_800,
  sipMinSessionExpiresS: 90,
  sipNonceMs: 60_000,
  /** A browser's softphone works for a shift with what it was given, and asks again. */
  sipPassMs: 12 * 3_600_000,
  sipNonceUses: 10_000,
  /** A browser's description with a dozen of everything has half of this; phones send under 2 KB. */
  sdpBytes: 32_768,
  sdpLines: 1_024,
  /** Sections in one description; each has to be mirrored in every later one of the dialog. */
  sdpStreams: 16,
  ...mediaLimits,
  /** What waits for the database: at 5,000 rows a second some ten seconds' worth. Beyond it the oldest rows go into the spill file, beyond twice as much writes are refused. */
  storeWaitingRows: 50_000,
  storeWaitingBytes: 33_554_432,
  /** Rows committed together: large enough that the disk's flush does not count, small enough that reads come in between. */
  storeGroupRows: 1_000,
  storeGroupBytes: 1_048_576,
  /** A call detail record of the longest conference has a tenth of this. */
  storeRowBytes: 1_048_576,
  /** Days without a database on a busy node; more would fill the disk that recordings need. */
  storeSpillBytes: 4_294_967_296,
  storeSlowMs: 2_000,
  /** A statement that takes longer is taken for lost, and its connection with it. */
  storeStatementMs: 10_000,
  storeConnectMs: 3_000,
  /** Who asks for history waits this long at most. */
  storeReadMs: 5_000,
  storeReads: 1_000,
  storeRetryMs: 250,
  storeRetryMaxMs: 5_000,
  storeProbeMs: 5_000,
  /** Every page of a SQLite file up to this size is checked at the start, in some seconds; of a larger one only the structure. */
  storeFullCheckBytes: 536_870_912,
  /** After a start: first the calls, then what the history lacks. */
  historyFillMs: 500,
  /** Events that are compared with the history at once. */
  historyFillRows: 500,
  /** Between two looks for what is too old, and between two steps of deleting it. */
  historyPruneMs: 3_600_000,
  historyPruneStepMs: 250,
  /** A busy hour is passed over, but not all day. */
  historyPrunePutOff: 23,
  /** Entries of the audit that one entry names. */
  auditEntriesErasedPerFact: 1_000,
  /** Rows of one page of history, and of one step of pruning. */
  storePageRows: 1_000,
  storeConnections: 4,
  /** A leg of a control process that died is kept until its phone has said nothing for this long. */
  inheritedSilenceMs: 60_000,
} as const
