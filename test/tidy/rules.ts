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
  'src/control/': ['src/call/', 'src/directory/', 'src/engine/port.ts', 'src/kernel/'],
  'src/api/': ['src/control/', 'src/call/', 'src/directory/', 'src/kernel/'],
  // Sockets and files for the interfaces of the layers below.
  'src/edge/': [
    ...['src/kernel/', 'src/directory/', 'src/sip/', 'src/engine/', 'src/media/protocol.ts'],
    ...['src/control/front-desk.ts', 'src/api/metrics.ts'],
  ],
  'src/media-process/': ['src/media/', 'src/kernel/'],
  'src/launcher/': ['src/edge/', 'src/kernel/'],
  'src/main.ts': ['src/launcher/'],
  'src/control.ts': ['src/'],
}

/** Folders of logic: time, randomness and hashes come in as arguments, what is to be done comes out as values. */
export const pure = [
  'src/kernel/',
  'src/call/',
  'src/directory/',
  'src/sip/',
  'src/sdp/',
  'src/media/',
  'src/engine/port.ts',
  'src/engine/embedded/',
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
