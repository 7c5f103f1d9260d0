/** What a vendor's folder may use; never another vendor's. */
const dialect = [
  ...['call-ids', 'call-words', 'courier', 'dialect', 'holder', 'ordering', 'phone-number', 'subscriptions', 'tokens', 'wall-time'].map(
    (name) => `src/dialects/${name}.ts`,
  ),
  ...['src/http/', 'src/control/command.ts', 'src/call/', 'src/directory/', 'src/kernel/'],
]

export const vendors: readonly string[] = ['voipnow', 'yeastar', 'ringcx', 'newvoicemedia', 'smartflo']

/** Every vendor's folder has these, and files that begin with such a name and a dash. */
export const vendorFiles: readonly string[] = ['answer', 'door', 'events', 'login', 'refusals', 'request', 'routes']

/** Who may import whom (docs/ARCHITECTURE.md): the longest prefix that fits a file holds for it. A file may always import its own folder. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  'src/kernel/': [],
  'src/call/': ['src/kernel/'],
  'src/directory/': ['src/kernel/'],
  'src/sip/': ['src/kernel/'],
  'src/sdp/': ['src/kernel/'],
  'src/media/': ['src/kernel/'],
  'src/engine/port.ts': ['src/call/', 'src/kernel/'],
  // The port's vocabulary is the call's, so that its types come along.
  'src/engine/embedded/': ['src/engine/port.ts', 'src/call/', 'src/sip/', 'src/sdp/', 'src/media/protocol.ts', 'src/kernel/'],
  'src/audit/': ['src/call/', 'src/kernel/'],
  'src/control/': ['src/audit/', 'src/call/', 'src/directory/', 'src/engine/port.ts', 'src/kernel/'],
  'src/http/': ['src/call/', 'src/kernel/'],
  'src/outbox/': ['src/kernel/'],
  'src/api/': ['src/http/', 'src/outbox/', 'src/control/', 'src/audit/', 'src/call/', 'src/directory/', 'src/kernel/'],
  'src/dialects/': ['src/http/', 'src/control/', 'src/call/', 'src/directory/', 'src/kernel/'],
  ...Object.fromEntries(vendors.map((name) => [`src/dialects/${name}/`, dialect])),
  // Sockets and files for the interfaces of the layers below.
  'src/edge/': [
    ...['src/kernel/', 'src/directory/', 'src/sip/', 'src/engine/', 'src/media/protocol.ts'],
    ...['src/control/front-desk.ts', 'src/control/recordings.ts', 'src/api/metrics.ts', 'src/dialects/courier.ts', 'src/http/query.ts'],
    // Webhooks and call-outs: what the outbox keeps stands in lines like those of the log.
    ...['src/outbox/', 'src/api/outlet.ts', 'src/ledger/', 'src/audit/'],
    // People who sign in: passwords, and identity providers.
    'src/api/sign-in-words.ts',
    // What becomes of recordings: a thread of its own.
    'src/recordings/',
    // History: what the desk tells, as rows of the store.
    ...['src/store/', 'src/control/command.ts', 'src/call/'],
    // What lies behind: read again from the log, told again, pruned, and people taken out of it.
    ...['asker', 'desk-past', 'journal', 'past-events', 'person-erasing', 'retelling'].map((name) => `src/control/${name}.ts`),
  ],
  // A file for the journal of the desk, the engine's memory and the surfaces' memories.
  'src/ledger/': ['src/control/journal.ts', 'src/http/memory.ts', 'src/kernel/'],
  // The word of control's events, how history is searched, and no logic of either.
  'src/store/': ['src/control/command.ts', 'src/audit/ports.ts', 'src/call/', 'src/kernel/'],
  // Files of recordings in other formats and at other places.
  'src/recordings/': ['src/media/g711.ts', 'src/media/wav.ts', 'src/kernel/'],
  'src/media-process/': ['src/media/', 'src/kernel/'],
  'src/launcher/': ['src/edge/', 'src/kernel/'],
  'src/main.ts': ['src/launcher/'],
  'src/build-cli.ts': ['src/edge/'],
  'src/control.ts': ['src/'],
  // The command line uses the API of a server. Beside that: what starts one, files that are read without one, G.711, and the virtual phone.
  'cli/': [
    ...[
      'src/kernel/',
      'src/launcher/start.ts',
      'src/launcher/tenancy.ts',
      'src/edge/config.ts',
      'src/edge/settings.ts',
      'src/edge/passwords.ts',
    ],
    ...[
      'src/audit/',
      'src/edge/audit-heads-file.ts',
      'src/edge/audit-key.ts',
      'src/edge/hash.ts',
      'src/store/',
      'src/media/g711.ts',
      'src/media/wav.ts',
    ],
    ...[
      'testkit/phone.ts',
      'testkit/phone-line.ts',
      'testkit/phone-tones.ts',
      'testkit/phone-wait.ts',
      'testkit/phone-wire.ts',
      'testkit/voice.ts',
    ],
  ],
}

/** Folders of logic: time, randomness and hashes come in as arguments, what is to be done comes out as values. */
export const pure = [
  'src/kernel/',
  'src/call/',
  'src/audit/',
  'src/directory/',
  'src/sip/',
  'src/sdp/',
  'src/media/',
  'src/engine/port.ts',
  'src/engine/embedded/',
  'src/outbox/',
]

export const impure: Readonly<Record<string, RegExp>> = {
  Date: /(?<![.\w])Date\b/,
  'Math.random': /\bMath\.random\b/,
  timers: /(?<![.\w#])(?:set|clear)(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/,
  process: /(?<![.\w])process\./,
  performance: /(?<![.\w])performance\./,
  Promise: /(?<![.\w])Promise\b|\basync\b|\bawait\b/,
}

export const forbidden: Readonly<Record<string, RegExp>> = {
  any: /(?:[:<|&,(=]\s*|\bas\s+)any\b(?!\s*[:(])/,
  'non-null !': /[\w$)\]]!(?![=\w])/,
  enum: /(?:^|\s)enum\s+\w+\s*\{/,
}

export const longestFunction = 40
export const longestFile = 300

/** What is longer than it should be, and how long. Numbers may only go down; new lines need the founder's word. */
export const longFunctions: Readonly<Record<string, number>> = {}
export const longFiles: Readonly<Record<string, number>> = {}
