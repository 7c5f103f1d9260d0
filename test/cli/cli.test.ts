/** The command line as a program of its own, against a real server with calls on it in which everybody speaks a tone. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PasswordChecker } from '../../src/edge/passwords.ts'
import { readWav, wavSamples, writeWav } from '../../src/media/wav.ts'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { tonesIn } from '../../testkit/phone-tones.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'
import { freeTcpPort } from '../../testkit/softphones/program.ts'
import { partyTones } from '../../testkit/voice.ts'

const mediaFrom = 30_000 + 100 * Math.floor(Math.random() * 20)
const mediaPorts = `${mediaFrom}-${mediaFrom + 199}`
const centre = centreFor({ env: { SOTTO_MEDIA_PORTS: mediaPorts } })
const folder = mkdtempSync(join(tmpdir(), 'sotto-cli-'))
const program = fileURLToPath(new URL('../../cli/sotto.mjs', import.meta.url))
const supervisorsKey = 'sk_test_supervisor_a'
const fileTone = partyTones[13]
const children = new Set<ChildProcess>()
let ben: Phone

before(async () => {
  await centre.open()
  ben = await centre.now.phone('210')
})
afterEach(() => centre.now.quiet())
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await centre.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly bytes: Buffer
}

interface Running {
  readonly child: ChildProcess
  readonly done: Promise<Ran>
  said(): string
}

function running(args: readonly string[], more: { readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {}): Running {
  const env = { ...process.env, SOTTO_URL: centre.now.sotto.http, SOTTO_KEY: supervisorsKey, ...more.env }
  const child = spawn(process.execPath, [program, ...args], { env, cwd: folder, stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 })
  children.add(child)
  child.stdin.end(more.input ?? '')
  const out: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const done = new Promise<Ran>((resolve) =>
    child.once('close', (code) => {
      children.delete(child)
      resolve({ code, stderr, bytes: Buffer.concat(out), stdout: Buffer.concat(out).toString() })
    }),
  )
  return { child, done, said: () => Buffer.concat(out).toString() + stderr }
}

const sotto = (...args: readonly string[]): Promise<Ran> => running(args).done

async function json(...args: readonly string[]) {
  const { code, stdout, stderr } = await sotto(...args, '--json')
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

const customer = () => centre.now.customer('+15554150210')

describe('looking', () => {
  test('calls and agents, as a table and as JSON; filters', async () => {
    assert.equal((await sotto('calls')).stdout, 'No calls.\n')
    const { call } = await customer()
    const [head, row, ...rest] = (await sotto('calls')).stdout.trimEnd().split('\n')
    assert.match(head ?? '', /^CALL +STATE +FOR +FROM +TO +WHO IS IN IT/)
    assert.match(row ?? '', new RegExp(`^${call.id}  active +0:\\d\\d +\\+442071838750 +\\+15554150210 .*Paco Vu 210 \\(`))
    assert.deepEqual(rest, [])
    assert.deepEqual(
      (await json('calls', '--state', 'active', '--extension', '210')).map(({ id }: { id: string }) => id),
      [call.id],
    )
    assert.deepEqual(await json('calls', '--group', 'nobody'), [])
    assert.match((await sotto('agents')).stdout, /^AGENT +NAME +EXT +STATE/)
  })

  test('hearing: drawn, and as JSON', async () => {
    const { call } = await customer()
    const shown = await eventually('it is confirmed', async () => {
      const matrix = await json('hearing', call.id)
      return matrix.known && matrix.pairs.length === 2 ? matrix : undefined
    })
    assert.equal(shown.callId, call.id)
    assert.deepEqual(
      shown.parties.map(({ id }: { id: string }) => id).sort(),
      shown.pairs.map(({ talker }: { talker: string }) => talker).sort(),
    )
    const { stdout } = await sotto('hearing', call.id.slice(0, -2))
    assert.match(stdout, /confirmed, since [\d:]+ UTC\nhears → +.*\n.*hears.*-1\d dB/)
  })

  test('watch tells what happens, line by line', async () => {
    const watching = running(['watch', '--types', 'call.answered,call.ended', '--count', '2', '--json'])
    const calls: string[] = []
    // Until it is connected it misses what happens.
    while (watching.child.exitCode === null && calls.length < 50) {
      const { line, call } = await customer()
      calls.push(call.id)
      await line.hangUp()
      await centre.now.callIn(call.id, 'ended')
      await pause(200)
    }
    const { code, stdout } = await watching.done
    assert.equal(code, 0)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text))
    assert.equal(events.length, 2)
    assert.deepEqual(events.map(({ type }) => type).sort(), ['call.answered', 'call.ended'])
    assert.ok(events.every(({ callId, call }) => calls.includes(callId) && call.id === callId))
  })
})

describe('what goes wrong', () => {
  test('each has an exit code of its own, and says what to do', async () => {
    const [unknown, refused, away, wrong] = await Promise.all([
      sotto('hearing', 'no-such-call'),
      running(['calls'], { env: { SOTTO_KEY: 'wrong' } }).done,
      running(['calls'], { env: { SOTTO_URL: `http://127.0.0.1:${await freeTcpPort()}` } }).done,
      sotto('listen'),
    ])
    assert.deepEqual([unknown.code, refused.code, away.code, wrong.code], [5, 4, 3, 2])
    assert.match(unknown.stderr, /^sotto: .*\(call-unknown\)\n$/)
    assert.match(refused.stderr, /\(unauthenticated\).*SOTTO_KEY/)
    assert.match(away.stderr, /cannot be reached: .*ECONNREFUSED.*SOTTO_URL/)
    assert.match(wrong.stderr, /^sotto: CALL is missing/)
    for (const { stdout } of [unknown, refused, away, wrong]) assert.equal(stdout, '')
  })

  test('with --json it is told in JSON', async () => {
    const { code, stderr } = await sotto('end', 'no-such-call', '--json')
    const { error } = JSON.parse(stderr)
    assert.deepEqual([code, error.exit, error.code, error.status], [5, 5, 'call-unknown', 404])
  })

  test('somebody who may not supervise is refused, and nothing is left behind', async () => {
    const { call } = await customer()
    const { code, stderr } = await running(['listen', call.id], { env: { SOTTO_KEY: 'sk_test_observer_a' } }).done
    assert.equal(code, 4, stderr)
    assert.deepEqual(await centre.now.api.supervisions(), [])
  })
})

describe('listen', () => {
  test('the file has both tones, and nobody hears who listens', async () => {
    const { line, call } = await customer()
    const path = join(folder, 'heard.wav')
    const listening = running(['listen', call.id, '--out', path, '--seconds', '2', '--json'])
    await eventually('he is there', async () => (await centre.now.api.supervisions()).length === 1, 15_000)
    await hear({ line, hears: [toneOf(ben)] }, { line: ben.line, hears: [outsideTone] })
    const { code, stdout, stderr } = await listening.done
    assert.equal(code, 0, stderr)
    const report = JSON.parse(stdout)
    assert.deepEqual([report.call, report.file, report.seconds, report.ended], [call.id, path, 2, 'stopped'])
    const wav = readWav(readFileSync(path))
    assert.ok(wav.ok)
    const samples = wavSamples(wav.value)
    assert.equal(samples.length, 16_000)
    assert.deepEqual(tonesIn(samples.subarray(-8_000)), [outsideTone, toneOf(ben)])
    assert.equal(statSync(path).mode & 0o777, 0o600)
    await eventually('he is gone', async () => (await centre.now.api.supervisions()).length === 0)
  })

  test('Ctrl-C ends it with a whole file; so does the end of the call', async () => {
    const { line, call } = await customer()
    const [first, second] = [join(folder, 'stopped.wav'), join(folder, 'over.wav')]
    const isThere = () => eventually('he is there', async () => (await centre.now.api.supervisions()).length === 1, 15_000)
    const stopped = running(['listen', call.id, '--out', first])
    await isThere()
    // One line of a supervisor is in a call at a time.
    const twice = await sotto('listen', call.id, '--out', second)
    assert.deepEqual([twice.code, twice.stderr.includes('already-supervised-by-you')], [4, true])
    await pause(700)
    stopped.child.kill('SIGINT')
    assert.match((await stopped.done).stdout, /stopped\.wav: [\d.]+ s heard.*\(stopped\)/)
    const over = running(['listen', call.id, '--out', second, '--force', '--json'])
    await isThere()
    await pause(700)
    await line.hangUp()
    assert.notEqual(JSON.parse((await over.done).stdout).ended, 'stopped')
    for (const path of [first, second]) {
      const file = readFileSync(path)
      assert.equal(file.readUInt32LE(40), file.length - 44, path)
      assert.ok(file.length > 8_000, path)
    }
  })

  test('to standard output: a stream of WAV, or of samples', async () => {
    const { call } = await customer()
    const wav = await sotto('listen', call.id, '--out', '-', '--seconds', '1')
    const raw = await sotto('listen', call.id, '--out', '-', '--raw', '--seconds', '1')
    assert.equal(wav.bytes.toString('latin1', 0, 4), 'RIFF')
    assert.deepEqual([wav.bytes.length, raw.bytes.length], [44 + 16_000, 16_000])
    const heard = Int16Array.from({ length: 8_000 }, (_, at) => raw.bytes.readInt16LE(at * 2))
    assert.deepEqual(tonesIn(heard.subarray(-4_000)), [outsideTone, toneOf(ben)])
  })
})

describe('whisper', () => {
  const file = join(folder, 'hint.wav')
  before(() => {
    const rate = 44_100
    const data = new Int16Array(rate * 2 * 3)
    for (let at = 0; at < data.length; at++) data[at] = Math.round(12_000 * Math.sin((2 * Math.PI * fileTone * (at >> 1)) / rate))
    writeFileSync(file, writeWav({ format: 'PCM', channels: 2, sampleRate: rate, data: new Uint8Array(data.buffer) }))
  })

  for (const { args, agent, outside } of [
    { args: [], agent: [fileTone], outside: [] },
    { args: ['--to', 'customer'], agent: [], outside: [fileTone] },
    { args: ['--mode', 'barge'], agent: [fileTone], outside: [fileTone] },
  ])
    test(`a file: ${args.join(' ') || 'the agent only'}`, async () => {
      const { line, call } = await customer()
      const whispering = running(['whisper', call.id, '--file', file, ...args, '--json'])
      await eventually('he speaks', () => [...ben.line.heard.tones(), ...line.heard.tones()].includes(fileTone), 15_000)
      await hear({ line: ben.line, hears: [outsideTone, ...agent] }, { line, hears: [toneOf(ben), ...outside] })
      const { code, stdout, stderr } = await whispering.done
      assert.equal(code, 0, stderr)
      assert.deepEqual([JSON.parse(stdout).seconds, JSON.parse(stdout).of], [3, 3])
      await hear({ line: ben.line, hears: [outsideTone] }, { line, hears: [toneOf(ben)] })
      assert.deepEqual(await centre.now.api.supervisions(), [])
      if (agent.length === 0) assert.equal(ben.line.heard.framesWith(fileTone), 0)
      if (outside.length === 0) assert.equal(line.heard.framesWith(fileTone), 0)
    })

  test('a call that ends meanwhile is told; a file that is none is refused before anybody is disturbed', async () => {
    const { line, call } = await customer()
    const whispering = running(['whisper', call.id, '--file', file])
    await eventually('he speaks', () => ben.line.heard.tones().includes(fileTone), 15_000)
    await line.hangUp()
    const { code, stderr } = await whispering.done
    assert.equal(code, 1)
    assert.match(stderr, /after [\d.]+ of 3 s it was over/)
    const none = await sotto('whisper', call.id, '--file', program)
    assert.deepEqual([none.code, none.stderr.includes('it is no WAV file')], [2, true])
  })
})

describe('acting', () => {
  test('record, supervise by a phone, transfer, end', async () => {
    const wanda = await centre.now.phone('024')
    const cora = await centre.now.phone('211')
    const { line, call } = await customer()
    assert.equal((await json('record', call.id, 'on')).recording.state, 'on')
    assert.equal((await sotto('record', call.id, 'loud')).code, 2)
    await json('supervise', call.id, '--by', '024', '--mode', 'whisper')
    await hear({ line: ben.line, hears: [outsideTone, toneOf(wanda)] })
    await json('transfer', call.id, '--to', '211')
    await eventually('the new one has it', () => cora.lines[0]?.state === 'connected')
    await hear({ line, hears: [toneOf(cora)] })
    assert.match((await sotto('end', call.id)).stdout, /is (over|ending)/)
    await centre.now.callIn(call.id, 'ended')
    await centre.now.putAway(wanda, cora)
  })
})

describe('without a call', () => {
  const places = () => {
    const { sip, http, data } = centre.now.sotto
    const at = `${sip.host}:${sip.port}`
    return {
      SOTTO_CONFIG: join(dirname(data), 'config.json'),
      ...{
        SOTTO_HTTP_LISTEN: new URL(http).host,
        SOTTO_SIP_LISTEN: `udp:${at},tcp:${at}`,
        SOTTO_MEDIA_PORTS: mediaPorts,
        SOTTO_DATA: data,
      },
    }
  }

  test('phone: registers, answers, tells what it hears', async () => {
    const phone = running(['phone', '106', '--tone', '2200', '--json'], { env: places() })
    await eventually('it is registered', () => phone.said().includes('"registered"'), 15_000)
    const line = await ben.call('106')
    await line.answered
    await hear({ line, hears: [2200] })
    await eventually('it tells', () => phone.said().includes(`"tones":[${toneOf(ben)}]`))
    await line.hangUp()
    await eventually('it tells the end', () => phone.said().includes('"ended"'))
    phone.child.kill('SIGTERM')
    const { code, stdout } = await phone.done
    assert.equal(code, 0)
    const said = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text).what)
    assert.deepEqual(
      said.filter((what) => what !== 'hears' && what !== 'incoming'),
      ['registered', 'connected', 'ended', 'unregistered'],
    )
    const wrong = await running(['phone', '106', '--password', 'wrong'], { env: places() }).done
    assert.equal(wrong.code, 4)
  })

  test('phone --call: calls somebody, and ends with the call', async () => {
    const phone = running(['phone', '106', '--call', '210', '--json'], { env: places() })
    await eventually('they speak', () => ben.lines[0]?.state === 'connected', 15_000)
    await hear({ line: ben.line, hears: [1000] })
    await ben.line.hangUp()
    assert.equal((await phone.done).code, 0)
  })

  test('doctor: all is well with a server that runs', { timeout: 90_000 }, async () => {
    const { code, stdout, stderr } = await running(['doctor', '--phones', '106,213', '--json'], { env: places() }).done
    const { checks } = JSON.parse(stdout)
    const says = (name: string) =>
      checks
        .filter((check: { name: string }) => check.name === name)
        .map((check: { says: string }) => check.says)
        .join('; ')
    assert.equal(code, 0, `${stdout}${stderr}`)
    // How much room there is on this machine is nothing that Sotto can do anything about.
    const wrong = checks.filter(({ name, state }: { name: string; state: string }) => state !== 'ok' && name !== 'data')
    assert.deepEqual(wrong, [])
    assert.match(says('ports'), /HTTP .* is held by Sotto \(\d+\); SIP UDP .* is held by Sotto/)
    assert.match(says('audio'), /the running server, between 106 and 213: both hear the other/)
    assert.equal(says('webrtc'), 'a line over WebRTC hears both')
    assert.match(says('database'), /readable/)
  })

  test('doctor: without a server it starts one for the call, and finds what is wrong', { timeout: 90_000 }, async () => {
    const { http, sip } = centre.now.sotto
    const config = JSON.parse(readFileSync(places().SOTTO_CONFIG, 'utf8'))
    config.http.listen = `127.0.0.1:${await freeTcpPort()}`
    config.sip.listen = [`udp:127.0.0.1:${sip.port}`]
    config.media = { address: '127.0.0.1', ports: '40000-40049' }
    config.data = join(folder, 'elsewhere')
    const file = join(folder, 'wrong.json')
    writeFileSync(file, JSON.stringify(config))
    const { code, stdout } = await running(['doctor', '--config', file], { env: { SOTTO_URL: '' } }).done
    assert.equal(code, 1, stdout)
    assert.match(stdout, new RegExp(`✖ ports: SIP UDP 127\\.0\\.0\\.1:${sip.port} is held by \\S+ \\(\\d+\\)\\n    → Stop that program`))
    assert.match(stdout, /! ports: media .* 50 of 50 are free/)
    assert.match(stdout, /✔ audio: a call on a temporary server: both hear the other\n✔ webrtc/)
    assert.equal((await fetch(`${http}/health`)).status, 200)
    writeFileSync(file, '{ "node": 5 }')
    const broken = await running(['doctor', '--config', file], { env: { SOTTO_URL: '' } }).done
    assert.deepEqual([broken.code, /✖ configuration: /.test(broken.stdout)], [1, true])
  })

  test('upgrade --check: what runs, and what would take over', async () => {
    const { code, stdout } = await running(['upgrade', '--check', '--json'], { env: places() }).done
    const { running: old, newer } = JSON.parse(stdout)
    assert.deepEqual([code, old.version, newer], [0, newer, newer])
    const none = await running(['upgrade'], { env: { ...places(), SOTTO_DATA: join(folder, 'nothing') } }).done
    assert.deepEqual([none.code, /No Sotto runs on this data/.test(none.stderr)], [1, true])
  })

  test('hash-password: the hash is of what was piped in', async () => {
    const { stdout } = await running(['hash-password'], { input: 'a secret of many words\n' }).done
    const checker = new PasswordChecker()
    assert.equal(await checker.matches(stdout.trim(), 'a secret of many words'), true)
    assert.equal((await running(['hash-password'], { input: '' }).done).code, 2)
  })

  test('demo --json: where it is, and by which key; its calls are seen', { timeout: 60_000 }, async () => {
    const [http, sip] = [await freeTcpPort(), await freeTcpPort()]
    const env = {
      ...{ SOTTO_HTTP_LISTEN: `127.0.0.1:${http}`, SOTTO_SIP_LISTEN: `udp:127.0.0.1:${sip}`, SOTTO_MEDIA_PORTS: '36000-36199' },
      ...{ SOTTO_DATA: join(folder, 'demo'), SOTTO_BUILD: 'off' },
    }
    const demo = running(['demo', '--json'], { env })
    const line = await eventually('it is up', () => /^\{"http".*\}$/m.exec(demo.said())?.[0], 30_000)
    const { http: url, key } = JSON.parse(line)
    assert.equal(url, `http://127.0.0.1:${http}`)
    const seen = await running(['agents', '--json', '--url', url, '--key', key]).done
    assert.equal(JSON.parse(seen.stdout).length, 5)
    demo.child.kill('SIGTERM')
    await pause(300)
    demo.child.kill('SIGTERM')
    await demo.done
  })
})
