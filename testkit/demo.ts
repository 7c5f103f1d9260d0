/**
 * The demonstration call centre that `npm start` runs beside the server: virtual phones for its people, and customers who call in. The launcher
 * starts it when the server is ready and says where that is (SOTTO_HTTP, SOTTO_SIP). It ends with the launcher.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Board, guide } from './demo-board.ts'
import { Cast, type DemoConfig, readersExtension } from './demo-cast.ts'
import type { Peer } from './phone-wire.ts'

const file = process.env.SOTTO_CONFIG ?? fileURLToPath(new URL('../fixtures/demo.json', import.meta.url))
const config: DemoConfig = JSON.parse(readFileSync(file, 'utf8'))
const http = process.env.SOTTO_HTTP ?? 'http://127.0.0.1:8080'
const server = sipServer(process.env.SOTTO_SIP ?? 'udp:127.0.0.1:5060')

const [account] = config.accounts
const readers = account?.extensions.find((extension) => extension.number === readersExtension)
const key = account?.credentials.native.find((native) => native.role === 'supervisor')?.key ?? ''
const place = {
  http,
  sip: `${server.host}:${server.port}`,
  key,
  people: account?.users.flatMap(({ username }) => username ?? []) ?? [],
  realm: config.sip.realm,
  readers: { extension: readersExtension, password: readers?.password ?? '' },
}

const cast = new Cast(config, server)
const board = new Board(place)

// A demonstration phone's mishap is no reason to end the demonstration.
process.on('unhandledRejection', (reason) => process.stderr.write(`demo: ${String(reason)}\n`))
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal, () => void leave())

await cast.start().then(welcome, (error: unknown) => {
  process.stderr.write(`demo: the phones could not start: ${String(error)}\n`)
  process.exitCode = 1
})

function welcome(): void {
  // `sotto demo --json`: for programs, which follow the calls themselves.
  const isForPrograms = process.env.SOTTO_DEMO_JSON !== undefined
  process.stdout.write(isForPrograms ? `${JSON.stringify(place)}\n` : guide(place))
  if (!isForPrograms) board.start()
  setInterval(() => void lookForTheEnd(), 500)
}

/** A server that drains waits for its calls to end, and these need not be waited for. */
async function lookForTheEnd(): Promise<void> {
  const health = await fetch(`${http}/health`).then(
    (answer) => answer.text(),
    () => '',
  )
  if (health.includes('"draining"')) await leave()
}

async function leave(): Promise<void> {
  board.stop()
  await cast.stop()
  process.exit()
}

/** The first UDP address of `udp:host:port,tcp:…`; a server that listens everywhere is met on loopback. */
function sipServer(listen: string): Peer {
  const udp = listen.split(',').find((address) => address.startsWith('udp:')) ?? listen
  const [, host = '127.0.0.1', port = '5060'] = /^\w+:\[?([^\]]*?)\]?:(\d+)$/.exec(udp.trim()) ?? []
  return { host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port: Number(port) }
}
