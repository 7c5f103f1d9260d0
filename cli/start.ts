/** Commands that start the server. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { explain, loadSettings } from '../src/edge/config.ts'
import { start } from '../src/launcher/start.ts'
import { type Tenant, tenantOf } from '../src/launcher/tenancy.ts'
import type { Asked, Command } from './command.ts'
import { exits, Failure, wrongUse } from './exits.ts'

const config = { name: 'config', value: 'FILE', says: 'the configuration; default SOTTO_CONFIG' } as const

export const serve: Command = {
  name: 'serve',
  summary: 'Starts the server',
  arguments: [],
  options: [config, { name: 'take-over', says: 'takes the calls over from the Sotto that runs on the same data' }],
  examples: ['sotto serve --config sotto.json'],
  more: 'Its log is lines of JSON on standard error. One Ctrl-C takes no new calls and waits for those that live; a second one ends at once.',
  isRemote: false,
  async run(asked) {
    start(['--config', configOf(asked), ...(asked.is('take-over') ? ['--take-over'] : [])])
    return 'stays'
  },
}

export const demo: Command = {
  name: 'demo',
  summary: 'Starts a server with a call centre in it that takes calls: something to listen to',
  arguments: [],
  options: [],
  examples: ['sotto demo'],
  more: 'With --json the place, the key and who may sign in are one line of JSON, and nothing else is printed.',
  isRemote: false,
  async run({ out }) {
    if (out.isJson) process.env.SOTTO_DEMO_JSON = '1'
    start(['--demo'])
    return 'stays'
  },
}

export const upgrade: Command = {
  name: 'upgrade',
  summary: 'Starts this version in the place of the one that is running; calls go on',
  arguments: [],
  options: [config, { name: 'check', says: 'only says what is running and what would take over' }],
  examples: ['sotto upgrade --config sotto.json --check', 'sotto upgrade --config sotto.json'],
  more: 'Run it in the folder of the newer version. The older one ends when this one has everything; if this one cannot start, the older one goes on.',
  isRemote: false,
  async run(asked) {
    const file = configOf(asked)
    const running = await runningOn(file, asked)
    const newer = ourVersion()
    const document = { running: running ?? null, newer }
    const said =
      running === undefined ? 'No Sotto runs on this data.' : `Sotto ${running.version} (process ${running.pid}) runs on this data.`
    if (asked.is('check')) {
      asked.out.answer(document, () => `${said} This is Sotto ${newer}.`)
      return exits.done
    }
    if (running === undefined) throw new Failure(exits.failed, `${said} Start it with sotto serve.`, document)
    asked.out.line(document, () => `${said} Sotto ${newer} takes over.`)
    start(['--config', file, '--take-over'])
    return 'stays'
  },
}

export function configOf(asked: Asked): string {
  const file = asked.text('config') || asked.environment.SOTTO_CONFIG
  if (!file) throw wrongUse('say which configuration with --config or SOTTO_CONFIG')
  return resolve(file)
}

async function runningOn(file: string, { environment }: Asked): Promise<Pick<Tenant, 'pid' | 'version'> | undefined> {
  const settings = loadSettings(file, environment)
  if (!settings.ok) throw new Failure(exits.usage, explain(file, settings.error), { problems: settings.error })
  const tenant = await tenantOf(settings.value.data)
  return tenant && { pid: tenant.pid, version: tenant.version }
}

export const ourVersion = (): string => JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
