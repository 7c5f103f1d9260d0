/** `sotto doctor`: what may keep calls from working, and what to do about each of it. */
import { resolve } from 'node:path'
import { explain, loadSettings } from '../src/edge/config.ts'
import { Api, healthAt } from './api.ts'
import type { Asked, Command } from './command.ts'
import { demoConfig } from './demo-config.ts'
import { callBothWays } from './doctor/audio.ts'
import { certificate } from './doctor/certificate.ts'
import { type Check, type Finding, fail, type Patient, pass, warn } from './doctor/check.ts'
import { clock } from './doctor/clock.ts'
import { dataFolder } from './doctor/data-folder.ts'
import { database } from './doctor/database.ts'
import { addresses, iceServers } from './doctor/network.ts'
import { ports } from './doctor/ports.ts'
import { exits, reasonOf, wrongUse } from './exits.ts'
import type { Out } from './out.ts'

const checks: readonly Check[] = [
  { name: 'node', look: async () => node() },
  { name: 'server', look: (patient) => server(patient) },
  { name: 'ports', look: ports },
  { name: 'data', look: dataFolder },
  { name: 'clock', look: clock },
  { name: 'addresses', look: addresses },
  { name: 'ice-servers', look: iceServers },
  { name: 'certificate', look: certificate },
  { name: 'database', look: database },
  { name: 'audio', look: callBothWays },
]

export const doctor: Command = {
  name: 'doctor',
  summary: 'Looks for what may keep calls from working, and says what to do',
  arguments: [],
  options: [
    { name: 'config', value: 'FILE', says: 'the configuration; default SOTTO_CONFIG, or the demonstration’s' },
    {
      name: 'phones',
      value: 'A,B',
      says: 'two extensions of the running server to place the test call between; default two that nobody uses',
    },
    { name: 'skip', value: 'LIST', says: `checks to leave out: ${checks.map(({ name }) => name).join(', ')}` },
  ],
  examples: ['sotto doctor --config sotto.json', 'sotto doctor --config sotto.json --skip audio --json'],
  more: 'The test call is placed on the server that runs, between two virtual phones, or on a temporary server on loopback. Exit code 1: something fails.',
  isRemote: true,
  async run(asked) {
    const skipped = (asked.text('skip') ?? '').split(',').filter(Boolean)
    const unknown = skipped.find((name) => !checks.some((check) => check.name === name))
    if (unknown !== undefined) throw wrongUse(`there is no check “${unknown}”: ${checks.map(({ name }) => name).join(', ')}`)
    const { findings, patient } = await configured(asked)
    const wanted = patient === undefined ? [] : checks.filter(({ name }) => !skipped.includes(name))
    for (const finding of findings) show(asked.out, finding)
    for (const check of wanted) {
      asked.out.progress(`${check.name} …`)
      const found = patient === undefined ? [] : await examined(check, patient)
      for (const finding of found) show(asked.out, finding)
      findings.push(...found)
    }
    return concluded(asked.out, findings)
  },
}

async function examined({ name, look }: Check, patient: Patient): Promise<readonly Finding[]> {
  try {
    return await look(patient)
  } catch (error) {
    return [fail(name, `could not be checked: ${reasonOf(error)}`, 'Tell the makers of Sotto, with what this prints.')]
  }
}

function concluded(out: Out, findings: readonly Finding[]) {
  const worst = (['fail', 'warn'] as const).find((state) => findings.some((finding) => finding.state === state)) ?? 'ok'
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length
  if (out.isJson) out.answer({ state: worst, checks: findings }, () => '')
  else out.say(`${count('ok')} well, ${count('warn')} to look at, ${count('fail')} failed`)
  return worst === 'fail' ? exits.failed : exits.done
}

function show(out: Out, { name, state, says, todo }: Finding): void {
  if (out.isJson) return
  out.say(`${{ ok: '✔', warn: '!', fail: '✖' }[state]} ${name}: ${says}`)
  if (todo !== undefined) out.say(`    → ${todo}`)
}

async function configured(asked: Asked): Promise<{ readonly findings: Finding[]; readonly patient?: Patient }> {
  const named = asked.text('config') || asked.environment.SOTTO_CONFIG
  const file = named === undefined || named === '' ? demoConfig : resolve(named)
  const settings = loadSettings(file, asked.environment)
  if (!settings.ok)
    return {
      findings: [
        fail('configuration', explain(file, settings.error), 'Mend what is named; docs/configuration.md says what each setting takes.'),
      ],
    }
  const { host, port } = settings.value.http.listen
  const isGiven = Boolean(asked.text('url') || asked.environment.SOTTO_URL)
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  const url = isGiven ? asked.url : `http://${own}:${port}`
  const keys = settings.value.accounts.flatMap(({ credentials }) => credentials.native ?? [])
  const key = asked.text('key') || asked.environment.SOTTO_KEY || keys.find(({ role }) => role === 'admin' || role === 'supervisor')?.key
  const health = await healthAt(url)
  const phones = asked.text('phones')?.split(',')
  if (phones !== undefined && phones.length !== 2) throw wrongUse('--phones are two extensions, with a comma between them')
  const patient: Patient = {
    ...{ file, settings: settings.value, environment: asked.environment, url, health, phones },
    api: key === undefined ? undefined : new Api({ url, key }),
    progress: (text) => asked.out.progress(text),
  }
  return { findings: [pass('configuration', `${file} is valid`)], patient }
}

function node(): readonly Finding[] {
  const wanted = 24
  const { node } = process.versions
  if (Number.parseInt(node, 10) < wanted)
    return [fail('node', `Node ${node} is too old`, `Install Node ${wanted} or newer; \`npm ci\` brings one on Linux.`)]
  return [pass('node', `Node ${node} on ${process.platform} ${process.arch}`)]
}

function server({ url, health }: Patient): readonly Finding[] {
  if (health === undefined) return [pass('server', `none runs at ${url}`)]
  if (health.degraded.length === 0) return [pass('server', `Sotto ${health.version} runs at ${url}`)]
  const todo = 'docs/operations.md, “When a part dies”, says what each means; its log says why.'
  return [warn('server', `Sotto ${health.version} at ${url} is degraded: ${health.degraded.join(', ')}`, todo)]
}
