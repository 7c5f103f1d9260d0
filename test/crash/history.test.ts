/** History of a real server: it outlives the process and the log, and calls do not need it. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Centre } from '../../testkit/centre.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import { reference } from '../../testkit/sotto.ts'

const cli = fileURLToPath(new URL('../../cli/sotto.mjs', import.meta.url))
const cleanUp: (() => unknown)[] = []
after(async () => {
  for (const clean of cleanUp.reverse()) await clean()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sotto-data-'))
  cleanUp.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

interface Items {
  readonly items: readonly { readonly id: string; readonly seq: number | null; readonly kind: string; readonly callId: string }[]
}

async function open(data: string) {
  const centre = await Centre.open({ env: { SOTTO_DATA: data } })
  cleanUp.push(() => centre.close())
  const ask = (path: string) => fetch(`${centre.sotto.http}${path}`, { headers: { Authorization: `Bearer ${reference.adminKey}` } })
  const list = async (what: string) => ((await (await ask(`/sotto/v1/${what}`)).json()) as Items).items
  const degraded = async () => ((await (await ask('/health')).json()) as { readonly degraded: readonly string[] }).degraded
  return { centre, ask, list, degraded }
}

/** A customer speaks with the agent, a supervisor listens, all hang up. */
async function supervisedCall(centre: Centre): Promise<string> {
  for (const extension of ['106', '101']) await centre.phone(extension)
  const { line, call } = await centre.customer('+18661234568')
  await centre.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'monitor' })
  await eventually('he is there', async () => (await centre.api.call(call.id)).supervisions.some(({ state }) => state === 'active'))
  await line.hangUp()
  await centre.callIn(call.id, 'ended')
  await soon(line.ended, 'the call')
  return call.id
}

test('calls and audit outlive the process and the log, and go into a backup and out of it', { timeout: 90_000 }, async () => {
  const data = folder()
  const first = await open(data)
  assert.deepEqual(await first.degraded(), [])
  const call = await supervisedCall(first.centre)
  await eventually('its intervals are written', async () => (await first.list(`audit?call=${call}`)).some(({ kind }) => kind === 'hearing'))
  await first.centre.sotto.killed('control')
  await first.centre.sotto.ready()
  assert.deepEqual(
    (await first.list('cdrs')).map(({ id }) => id),
    [call],
  )
  const written = await first.list('audit')
  await first.centre.close()
  rmSync(join(data, 'log'), { recursive: true })

  const second = await open(data)
  assert.deepEqual(
    (await second.list('cdrs')).map(({ id }) => id),
    [call],
    'the call of yesterday',
  )
  assert.deepEqual(await second.list('audit'), written)
  const next = await supervisedCall(second.centre)
  const longer = await eventually('the audit goes on', async () => {
    const items = await second.list('audit')
    return items.some(({ kind, callId }) => kind === 'hearing' && callId === next) ? items : undefined
  })
  assert.deepEqual(
    longer.map(({ seq }) => seq),
    longer.map((_, i) => i + 1),
    'without a gap',
  )
  const verdict = await (await second.ask('/sotto/v1/audit/verify')).json()
  assert.deepEqual(verdict, { ...(verdict as object), valid: true, flaws: [] })

  const [file, elsewhere] = [join(data, 'backup'), folder()]
  const said = execFileSync(process.execPath, [cli, 'backup', file, '--data', data], { encoding: 'utf8' })
  assert.match(said, new RegExp(`events [1-9]\\d+, cdrs 2.*audit ${longer.length}`))
  const env = { ...process.env, SOTTO_DATA: elsewhere }
  assert.match(execFileSync(process.execPath, [cli, 'restore', file], { env, encoding: 'utf8' }), /history\.db: events/)
  assert.ok(existsSync(join(elsewhere, 'history.db')))
  const again = spawnSync(process.execPath, [cli, 'restore', file], { env, encoding: 'utf8' })
  assert.deepEqual([again.status, again.stderr.includes('exists already')], [1, true])
  assert.equal(spawnSync(process.execPath, [cli, 'backup']).status, 2)
})

test('with a damaged database calls go on, and whoever asks for history is told', { timeout: 60_000 }, async () => {
  const data = folder()
  writeFileSync(join(data, 'history.db'), 'This is no database. '.repeat(500))
  const { centre, ask, list, degraded } = await open(data)
  await eventually('it is known', async () => (await degraded()).includes('store'))
  const call = await supervisedCall(centre)
  for (const path of ['cdrs', 'audit', 'audit/verify', 'audit/export']) {
    const answer = await ask(`/sotto/v1/${path}`)
    const { code, detail } = (await answer.json()) as { code: string; detail: string }
    assert.deepEqual([answer.status, code, detail.startsWith('The history cannot be read now')], [503, 'capacity-exceeded', true], path)
  }
  assert.equal((await ask('/ready')).status, 200)
  assert.match(centre.sotto.output, /the store is degraded/)
  rmSync(join(data, 'history.db'))
  await eventually('it is well again', async () => (await degraded()).length === 0, 20_000)
  assert.deepEqual(
    (await list('cdrs')).map(({ id }) => id),
    [call],
    'nothing was lost',
  )
})
