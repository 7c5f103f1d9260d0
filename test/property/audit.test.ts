/** Whoever alters an audit is found, whatever he alters and however well he knows how it is made; only the key he does not have. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AuditEntry, genesis, type Link, linked } from '../../src/audit/chain.ts'
import type { AuditFact } from '../../src/audit/fact.ts'
import { HeadsDue, type SignedHead } from '../../src/audit/head.ts'
import { type AuditFile, linesOf, readLines } from '../../src/audit/lines.ts'
import type { Openings } from '../../src/audit/opening.ts'
import { seal, sealOf } from '../../src/audit/seal.ts'
import { verify } from '../../src/audit/verify.ts'
import { auditKey } from '../../src/edge/audit-key.ts'
import { systemHash } from '../../src/edge/hash.ts'
import { accountId, callId, partyId, supervisionId } from '../../src/kernel/ids.ts'
import { addMs, instant } from '../../src/kernel/time.ts'
import { SeededRandom } from '../../testkit/random.ts'

const { sha256 } = systemHash
const key = auditKey()
const forger = auditKey()
const account = accountId('12440011')
const alterations = 1_000
const seed = Number(process.env.SOTTO_SEED ?? Date.now() % 2 ** 30)

/** Long enough for several heads; the last one covers the last entry, as an export has it. */
function audit(random: SeededRandom, sign = key.sign): AuditFile {
  const due = new HeadsDue(sign)
  const entries: AuditEntry[] = []
  const heads: SignedHead[] = []
  let at = instant(1_800_000_000_000)
  for (let n = 20 + random.integer(120); n > 0; n -= 1) {
    at = addMs(at, random.integer(100_000) / 7)
    const entry = linked(entries.at(-1) ?? genesis, { account, at, ...seal(fact(random), () => random.hex(16), sha256) }, sha256)
    entries.push(entry)
    heads.push(...[due.take(at, entry) ?? []].flat(), ...due.due(at))
  }
  heads.push(...[due.sign(at, account) ?? []].flat())
  return { account, publicKey: key.publicKey, entries, heads }
}

function fact(random: SeededRandom): AuditFact {
  const supervisor = { party: partyId(`p${random.integer(9)}`), role: 'supervisor', extension: '101', name: 'Sára "M"' } as const
  const about = { call: callId(`c${random.integer(9)}`), supervision: supervisionId('s1'), supervisor, private: random.chance(0.2) }
  const stance = { ...about, mode: 'whisper', target: partyId('p2') } as const
  if (random.chance(0.5)) return { kind: 'supervision.ended', ...stance, reason: 'hangup', by: { role: 'admin', via: 'native' } }
  const from = instant(1_800_000_000_000 + random.integer(10_000) / 3)
  const other = { party: partyId('p2'), number: `+1555000${1_000 + random.integer(9_000)}`, name: 'Zoë' }
  return { kind: 'hearing', ...stance, could: 'hear', other, from, to: addMs(from, 5), revision: 3, endRevision: 4, reason: 'hangup' }
}

/** As a stranger would look: the text, our public key, and the last head that he was once told. */
function isFound(text: string, told: SignedHead): boolean {
  const file = readLines(text)
  if (!file.ok) return true
  const { entries, heads, publicKey } = file.value
  const { valid } = verify({ entries, heads, elsewhere: [told] }, { sha256, isSigned: key.isSigned })
  return publicKey !== key.publicKey || !valid
}

const textOf = (file: AuditFile): string => [...linesOf(file)].join('')

type Alter = (file: AuditFile, random: SeededRandom) => string

const anyOf = <T>(list: readonly T[], random: SeededRandom): number => random.integer(list.length)

/** All hashes from here on as they would have to be. */
function chainedAnew(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  let last: Link = genesis
  return entries.map(({ account, at, fact, sealed }) => {
    const entry = linked(last, { account, at, fact, ...(sealed === undefined ? {} : { sealed }) }, sha256)
    last = entry
    return entry
  })
}

const otherFact = (entry: AuditEntry, random: SeededRandom): AuditEntry => ({
  ...entry,
  fact: { ...entry.fact, call: callId(`x${random.integer(1_000)}`) } as AuditFact,
})

const lineAt = (file: AuditFile, change: (lines: string[]) => void): string => {
  const lines = textOf(file).split('\n').slice(0, -1)
  change(lines)
  return lines.map((line) => `${line}\n`).join('')
}

/** The same with what is sealed in one entry otherwise. */
function withSealed(file: AuditFile, random: SeededRandom, change: (openings: Openings) => Openings): AuditFile {
  const open = file.entries.filter(({ sealed }) => sealed !== undefined && Object.keys(sealed).length > 0)
  const chosen = open[anyOf(open, random)]
  const entries = file.entries.map((entry) => (entry === chosen ? { ...entry, sealed: change(entry.sealed ?? {}) } : entry))
  return { ...file, entries }
}

const ways: Readonly<Record<string, Alter>> = {
  'a person is taken out, and nothing says so': (file, random) => textOf(withSealed(file, random, () => ({}))),
  'a person has another number': (file, random) =>
    textOf(withSealed(file, random, (openings) => mapped(openings, (opening) => ({ ...opening, number: '+15550009999' })))),
  'a person has another number, and its seal is right': (file, random) =>
    textOf(
      withSealed(file, random, (openings) => {
        const others = Object.values(openings).map((opening) => ({ ...opening, number: '+15550009999' }))
        return Object.fromEntries(others.map((opening) => [sealOf(opening, sha256), opening]))
      }),
    ),
  'the beginning is cut off at a head': ({ entries, heads, ...file }, random) => {
    const from = heads[anyOf(heads.slice(0, -1), random)]?.seq ?? 0
    return textOf({ ...file, entries: entries.filter(({ seq }) => seq > from), heads: heads.filter(({ seq }) => seq >= from) })
  },
  'a character is another one': (file, random) => {
    const text = textOf(file)
    const at = random.integer(text.length)
    const other = text[at] === '7' ? '3' : '7'
    return text.slice(0, at) + other + text.slice(at + 1)
  },
  'a character is gone': (file, random) => {
    const text = textOf(file)
    const at = random.integer(text.length)
    return text.slice(0, at) + text.slice(at + 1)
  },
  'a line is gone': (file, random) => lineAt(file, (lines) => lines.splice(anyOf(lines, random), 1)),
  'a line is there twice': (file, random) => lineAt(file, (lines) => lines.splice(anyOf(lines, random), 0, lines[1] ?? '')),
  'two lines have changed places': (file, random) =>
    lineAt(file, (lines) => {
      const a = random.integer(lines.length - 1)
      const b = a + 1 + random.integer(lines.length - 1 - a)
      ;[lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? '']
    }),
  'the end is cut off': (file, random) => lineAt(file, (lines) => lines.splice(2 + random.integer(lines.length - 2))),
  'the end is cut off at a head': ({ entries, heads, ...file }, random) => {
    const upTo = heads[random.integer(Math.max(1, heads.length - 1))]?.seq ?? 0
    const kept = heads.length < 2 ? 0 : upTo
    const isKept = ({ seq }: Link) => seq <= kept
    return textOf({ ...file, entries: entries.filter(isKept), heads: heads.filter(isKept) })
  },
  'an entry says something else, and its hash is right': ({ entries, ...file }, random) => {
    const i = anyOf(entries, random)
    const changed = entries.map((entry, n) => (n === i ? otherFact(entry, random) : entry))
    const chained = chainedAnew(changed)
    return textOf({ ...file, entries: entries.map((entry, n) => (n === i ? (chained[n] ?? entry) : entry)) })
  },
  'an entry says something else, and all hashes after it are right': ({ entries, ...file }, random) => {
    const i = anyOf(entries, random)
    return textOf({ ...file, entries: chainedAnew(entries.map((entry, n) => (n === i ? otherFact(entry, random) : entry))) })
  },
  'an entry is left out, and all are counted and hashed anew': ({ entries, ...file }, random) => {
    const i = anyOf(entries, random)
    return textOf({ ...file, entries: chainedAnew(entries.filter((_, n) => n !== i)) })
  },
  'an entry is put in, and all are counted and hashed anew': ({ entries, ...file }, random) => {
    const i = anyOf(entries, random)
    const extra = entries[anyOf(entries, random)]
    return textOf({ ...file, entries: chainedAnew(extra === undefined ? entries : entries.toSpliced(i, 0, otherFact(extra, random))) })
  },
  'an entry is put in at the end': ({ entries, ...file }, random) => {
    const last = entries.at(-1)
    return textOf({ ...file, entries: chainedAnew(last === undefined ? [] : [...entries, otherFact(last, random)]) })
  },
  'the beginning is cut off': ({ entries, ...file }, random) =>
    textOf({ ...file, entries: entries.slice(1 + random.integer(entries.length - 1)) }),
  'a head is left out': ({ heads, ...file }, random) => {
    const i = anyOf(heads, random)
    return textOf({ ...file, heads: heads.filter((_, n) => n !== i) })
  },
  'everything is signed with another key': (_, random) => textOf({ ...audit(random, forger.sign), publicKey: forger.publicKey }),
  'everything is signed with another key, under our name': (_, random) => textOf(audit(random, forger.sign)),
}

test(`an audit that nobody touched is whole (seed ${seed})`, () => {
  const random = new SeededRandom(seed)
  for (let run = 0; run < 50; run += 1) {
    const file = audit(random)
    const read = readLines(textOf(file))
    assert.ok(read.ok)
    const verdict = verify({ ...read.value, elsewhere: file.heads }, { sha256, isSigned: key.isSigned })
    assert.deepEqual([verdict.valid, verdict.entries, verdict.flaws, verdict.head], [true, file.entries.length, [], file.heads.at(-1)])
  }
})

const mapped = <T>(values: Readonly<Record<string, T>>, change: (value: T) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]))

/** The chain with one entry more, and signed to the end. */
function continued({ entries, heads, ...file }: AuditFile, said: AuditFact): AuditFile {
  const at = addMs(entries.at(-1)?.at ?? instant(0), 5)
  const entry = linked(entries.at(-1) ?? genesis, { account, at, fact: said }, sha256)
  const due = new HeadsDue(key.sign)
  due.begin(heads.at(-1) ?? { account, seq: 0 })
  due.take(at, entry)
  return { ...file, entries: [...entries, entry], heads: [...heads, ...[due.sign(at, account) ?? []].flat()] }
}

test('a person may be taken out where a later entry says so, and there only', () => {
  const whole = audit(new SeededRandom(8))
  const means = { sha256, isSigned: key.isSigned }
  const sealed = whole.entries.filter((entry) => entry.sealed !== undefined).map(({ seq }) => seq)
  const [first = 0, second = 0] = sealed
  const told = continued(whole, {
    ...{ kind: 'person.erased', by: { role: 'admin' }, entries: [first], calls: 1, recordings: 0, held: 0 },
  })
  const without = (seqs: readonly number[]) => told.entries.map((entry) => (seqs.includes(entry.seq) ? { ...entry, sealed: {} } : entry))
  const verdict = verify({ entries: without([first]), heads: told.heads }, means)
  assert.deepEqual([verdict.valid, verdict.erased], [true, 1])
  assert.equal(verify(told, means).valid, true, 'it may still be there')
  assert.deepEqual(verify({ entries: without([first, second]), heads: told.heads }, means).flaws, [
    { seq: second, why: 'a person was taken out, and no entry says so' },
  ])
})

test('older entries may be pruned, up to a head, where a later entry says so', () => {
  const whole = audit(new SeededRandom(7))
  const from = whole.heads[0]?.seq ?? 0
  const before = instant(1_800_000_500_000)
  const { entries, heads } = continued(whole, { kind: 'audit.pruned', upTo: from, before })
  assert.deepEqual(verify({ entries: whole.entries.slice(from), heads: whole.heads }, { sha256, isSigned: key.isSigned }).flaws, [
    { seq: from + 1, why: 'what comes before was deleted, and no entry says so' },
  ])
  const means = { sha256, isSigned: key.isSigned }
  const verdict = verify({ entries: entries.slice(from), heads }, means)
  assert.deepEqual([verdict.valid, verdict.first, verdict.pruned?.before], [true, from + 1, before])
  assert.equal(verify({ entries: entries.slice(from - 1), heads }, means).valid, false)
  assert.equal(verify({ entries: entries.slice(from), heads: heads.slice(1) }, means).valid, false)
})

test(`${alterations} of ${alterations} random alterations are found (seed ${seed})`, () => {
  const random = new SeededRandom(seed)
  const names = Object.keys(ways)
  const missed: string[] = []
  let made = 0
  let file = audit(random)
  for (let run = 0; made < alterations; run += 1) {
    if (run % names.length === 0) file = audit(random)
    const name = names[run % names.length] ?? ''
    const text = ways[name]?.(file, random)
    const told = file.heads.at(-1)
    assert.ok(text !== undefined && told !== undefined)
    // Such as a line that changed places with its like.
    if (text === textOf(file)) continue
    made += 1
    if (!isFound(text, told)) missed.push(name)
  }
  assert.deepEqual(missed, [])
})
