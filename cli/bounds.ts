/** Bounds of the command line, with the reason for their size. Those of the server are in src/kernel/limits.ts. */
export const bounds = {
  /** A server that has not answered by then is away. */
  requestMs: 15_000,
  /** The server says something on every stream at least each 15 s; three missed mean that the connection is dead. */
  silentStreamMs: 45_000,
  /** Between attempts to reach a server that went away. */
  againMs: 1_000,
  /** Gathering, ICE and DTLS together, over a bad network. */
  connectMs: 15_000,
  /** A media process that died has a successor within a second or so; a network may take longer to come back. */
  renewals: 20,
  /** Packets that overtake each other do so by less. */
  reorderSamples: 800,
  /** A gap that is longer was no loss of packets: the stream began anew. */
  longestGapSamples: 80_000,
  /** A file that is whispered; ten minutes at 192 kHz in stereo and 32 bits are 920 MB. */
  wavBytes: 1_000_000_000,
  wavRate: { min: 1_000, max: 384_000 },
  wavChannels: 32,
  /** Redrawing more often only flickers. */
  redrawMs: 250,
  /** What the mixer still has of a file when its last packet is sent. */
  tailMs: 300,
  /** `doctor`: a question over the network. */
  askMs: 3_000,
  /** `doctor`: a temporary server starts within two seconds on an idle machine. */
  startMs: 30_000,
  /** `doctor`: a tone is heard well within a second of the answer. */
  hearMs: 8_000,
  /** `doctor`: three tracks of a day of a hundred calls at once come to about this much. */
  diskBytes: { fail: 500_000_000, warn: 10_000_000_000 },
  /** `doctor`: how many media ports are tried at once. */
  portsAtOnce: 64,
  /** `doctor`: a call needs three ports or so. */
  mediaPorts: 100,
  /** `doctor`: time to have a certificate renewed. */
  certificateDays: 21,
  /** `doctor`: sessions, tokens and signed heads are checked by time. */
  clockMs: 5_000,
} as const
