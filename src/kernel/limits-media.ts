/** Bounds of audio: legs, browsers, the standby of the media process, recordings. A part of `limits`. */
export const mediaLimits = {
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
  /** A browser's description with a dozen candidates has 4,000 characters. */
  webrtcDescriptionChars: 32_768,
  /** Of one description, to which we would send checks: a browser with a VPN, IPv6 and two TURN servers has about a dozen. */
  webrtcCandidates: 24,
  /** STUN servers that do not answer by then give no candidate; nobody waits longer for a description. */
  webrtcGatherMs: 1_000,
  /** Browsers of one account that listen; each costs a connection of some 100 kB, whether it hears a call or not. */
  linesPerAccount: 500,
  /** Of one user or key: a wall of calls at once, and the tabs that he forgot. */
  linesPerOwner: 16,
  /** A lost line's supervision waits for a new offer this long: a browser that sees its connection fail needs two or three seconds for one. */
  lineGraceMs: 10_000,
  /** A lost line without a new offer is closed; a laptop that was shut for longer opens another one. */
  lineLostMs: 60_000,
  /** The media process finds its candidates in less, or not at all. */
  lineAnswerMs: 10_000,
  /** Longer than the media process waits for the connection, so that its word comes first. */
  lineConnectMs: 30_000,
  /** Between our description and a connection: a browser with a slow way (TURN over TLS) needs two or three seconds. */
  webrtcConnectMs: 20_000,
  /** A connection may be without answers for so long (a change from Wi-Fi to mobile) before it is told as lost. */
  webrtcDisconnectedMs: 5_000,
  /**
   * Packets sent in a row to a browser that reported before and says nothing any more: 20 s of audio, in which it would have reported three
   * times (RFC 3550 §6.2). A closed tab says no goodbye, and ICE alone would miss it after 40 s only (RFC 7675 §5.1).
   */
  webrtcUnheardPackets: 1_000,
  /** Less than a frame, so that a successor of the media process knows of the last frame but one. */
  standbyRoundMs: 20,
  /** Looks of 50 ms at a silent media process that is not stopped: one that gets no processor time for two seconds carries no call either. */
  standbySilentLooks: 40,
  /** Looks until a silent one is asked whether it is stopped (SIGSTOP, a debugger, a frozen container). */
  standbyStoppedLooks: 3,
  /** A standby that does not read for this long is cut off and begins anew: confirmations of a matrix wait for it, and control waits two seconds for them. */
  standbyBehindMs: 1_000,
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
  /** Waveforms that were drawn lately, some 6 kB each, and how many are worked out at once: each reads its file from one end to the other. */
  peaksKept: 200,
  peaksAtOnce: 2,
  /** Twice as many as a wide screen has. */
  peakPoints: 4_000,
  /** Who has a link needs no key, so that it may not live long. */
  recordingLinkMs: 3_600_000,
  /** Between two searches for recordings that are past their account's time. */
  recordingSweepMs: 3_600_000,
  /** Yeastar: life of a ticket for one download, and how many may wait for theirs. */
  recordingTicketMs: 30_000,
  recordingTickets: 10_000,
  /** What storage that speaks S3 gets in one request, in memory as a whole meanwhile; it takes no smaller part than 5 MB but the last. */
  s3PartBytes: 8_388_608,
  s3ConnectMs: 5_000,
  /** Storage that says nothing for this long is away. */
  s3SilenceMs: 30_000,
  /** Nobody waits longer than this to be told that he is recorded. */
  announcementMaxMs: 60_000,
  /** Recordings that are encoded or brought to the storage at the same time. */
  recordingKeepers: 3,
  /** Places of recordings that wait for it; beyond this they are looked for again on the disk when there is room. */
  recordingsWaiting: 20_000,
  /** What could not be done with a recording is tried again after this, twice as long each time, up to the second. */
  recordingRetryMs: 5_000,
  recordingRetryMaxMs: 600_000,
  /** A process that ends waits this long for a disk that hangs; the files are valid as they are, and the next start names them. */
  recordingCloseMs: 10_000,
  /** No RTP for this long from a leg that should be sending: ask the phone whether it is still there. */
  rtpSilenceMs: 10_000,
} as const
