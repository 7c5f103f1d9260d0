/** A server for the test call where none runs: on loopback, with free ports and a folder of its own, gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Api, healthAt } from '../api.ts'
import { bounds } from '../bounds.ts'
import { demoConfig } from '../demo-config.ts'
import { tried } from './ports.ts'
import type { Stage } from './stage.ts'

const host = '127.0.0.1'
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

export async function temporaryServer(): Promise<{ readonly stage: Stage; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-doctor-'))
  const [http, sip, trunk] = [await freePort(), await freePort(), await freePort()]
  const config = JSON.parse(readFileSync(demoConfig, 'utf8'))
  const [account] = config.accounts
  config.http = { listen: `${host}:${http}` }
  config.sip.listen = [`udp:${host}:${sip}`]
  config.media = { address: host, ports: await freeRange() }
  config.data = join(folder, 'data')
  account.trunks = [{ id: 'pstn', peer: `udp:${host}:${trunk}`, trusted: [`${host}:${trunk}`], destinations: ['+', '0'] }]
  const file = join(folder, 'sotto.json')
  writeFileSync(file, JSON.stringify(config))
  const child = spawn(process.execPath, [main, '--config', file], { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000)
  })
  const stop = () => stopped(child, folder)
  const url = `http://${host}:${http}`
  if (!(await isReady(child, url))) {
    await stop()
    throw new Error(`a temporary server did not start: ${said.trim()}`)
  }
  const phone = (number: string) => ({
    number,
    user: number,
    password: account.extensions.find((one: { number: string }) => one.number === number).password,
  })
  const api = new Api({ url, key: account.credentials.native[0].key })
  const stage: Stage = {
    where: 'a temporary server',
    api,
    sip: { host, port: sip },
    realm: config.sip.realm,
    phones: [phone('201'), phone('202')],
  }
  return { stage, stop }
}

/** Nothing of the one that is examined: neither its places nor its database. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([key]) => !key.startsWith('SOTTO_'))
  return { ...Object.fromEntries(own), SOTTO_BUILD: 'off', SOTTO_LOG: 'warn' }
}

async function isReady(child: ChildProcess, url: string): Promise<boolean> {
  const end = performance.now() + bounds.startMs
  while (performance.now() < end && child.exitCode === null) {
    const health = await healthAt(url)
    if (health !== undefined && !health.degraded.includes('media')) return true
    await pause(100)
  }
  return false
}

/** Once to drain, once more to end at once. */
async function stopped(child: ChildProcess, folder: string): Promise<void> {
  for (const waitMs of [300, 5_000]) {
    if (child.exitCode !== null || child.signalCode !== null) break
    child.kill('SIGTERM')
    await Promise.race([new Promise((resolve) => child.once('exit', resolve)), pause(waitMs)])
  }
  child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
}

/** For TCP and UDP alike. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, host, () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
      })
    })
    if ((await tried({ what: '', protocol: 'udp', address: host, port })) === undefined) return port
  }
}

async function freeRange(): Promise<string> {
  const width = 40
  for (;;) {
    const first = 20_000 + width * Math.floor(Math.random() * 300)
    const all = Array.from({ length: width }, (_, at) => ({ what: '', protocol: 'udp', address: host, port: first + at }) as const)
    if ((await Promise.all(all.map(tried))).every((code) => code === undefined)) return `${first}-${first + width - 1}`
  }
}
