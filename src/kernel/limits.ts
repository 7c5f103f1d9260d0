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
  idempotencyKeys: 50_000,
  idempotencyMs: 24 * 3_600_000,
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
  /** Less than a frame, so that a successor of the media process knows of the last frame but one. */
  standbyRoundMs: 20,
  /** Looks of 50 ms at a silent media process that is not stopped: one that gets no processor time for two seconds carries no call either. */
  standbySilentLooks: 40,
  /** Looks until a silent one is asked whether it is stopped (SIGSTOP, a debugger, a frozen container). */
  standbyStoppedLooks: 3,
  /** Packets of a leg that come between the death of one media process and the turn of the next: more than 100 ms of speech is late. */
  standbyPacketsHeld: 8,
  /** A control process that reads this slowly is cut off and re-attaches with `list`; an inventory of every leg fits. */
  mediaEventBacklogBytes: 16_777_216,
  /** Levels asked for and not yet answered; an answer takes milliseconds, and only a process that hangs lets them pile up. */
  mediaQuestions: 1_000,
  /** Key presses of one phone that wait to be played to another; more than this is no person dialling. Fits into `mediaDigitsQueued`. */
  digitBacklogMs: 5_000,
  /** Digits waiting to be sent on one leg; longer dial strings are sent in parts. */
  mediaDigitsQueued: 64,
  /** A late packet still finds its place in a recording for this long; what comes after it is lost there. */
  recordingLagMs: 200,
  /** Beyond it the 32-bit sizes of a WAV file would come near, and it is no conversation. */
  recordingMaxMs: 72 * 3_600_000,
  /** Parties and supervisors who speak at the same time. */
  recordingTracks: 40,
  /** Outcomes kept for a control process that was not there to hear them. */
  recordingReports: 1_000,
  recordingBeepMinMs: 1_000,
  /** Recordings of one call that are known to have been told as stored; more takes than this are nobody's wish. */
  recordingsKeptPerCall: 100,
  /** Places of recordings kept in memory, some 150 bytes each: a busy year of a hundred agents. Older ones are read from their folders again. */
  recordingPlaces: 200_000,
  /** Notes and files of recordings that are read at the same time. */
  recordingReads: 16,
  /** Who has a link needs no key, so that it may not live long. */
  recordingLinkMs: 3_600_000,
  /** Between two searches for recordings that are past their account's time. */
  recordingSweepMs: 3_600_000,
  /** Yeastar: life of a ticket for one download, and how many may wait for theirs. */
  recordingTicketMs: 30_000,
  recordingTickets: 10_000,
  /** A process that ends waits this long for a disk that hangs; the files are valid as they are, and the next start names them. */
  recordingCloseMs: 10_000,
  /** No RTP for this long from a leg that should be sending: ask the phone whether it is still there. */
  rtpSilenceMs: 10_000,
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
  /** Rows of one page of history, and of one step of pruning. */
  storePageRows: 1_000,
  storeConnections: 4,
  /** A leg of a control process that died is kept until its phone has said nothing for this long. */
  inheritedSilenceMs: 60_000,
} as const
