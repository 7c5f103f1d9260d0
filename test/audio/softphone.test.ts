/** What the page needs beside the API: a phone that signs in with a pass, and levels as the mixer measures them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'
import type { Config } from '../../testkit/sotto.ts'

const key = 'sk_test_agent_page'
const centre = centreFor({ change })

function change({ accounts: [account] }: Config): void {
  const credentials = account?.credentials as { native: object[] } | undefined
  credentials?.native.push({ key, role: 'agent', user: '12' })
}

before(centre.open)
after(centre.close)

const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }

async function pass(): Promise<{ readonly uri: string; readonly username: string; readonly password: string }> {
  const answer = await fetch(`${centre.now.sotto.http}/sotto/v1/me/softphone`, { method: 'POST', headers, body: '{}' })
  assert.equal(answer.status, 201)
  return (await answer.json()) as Awaited<ReturnType<typeof pass>>
}

interface Frame {
  readonly calls: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}

/** Frames as they come, until it is aborted. */
async function levels(call: string): Promise<{ readonly frames: Frame[]; readonly stop: () => void }> {
  const abort = new AbortController()
  const answer = await fetch(`${centre.now.sotto.http}/sotto/v1/levels?calls=${call}`, { headers, signal: abort.signal })
  const frames: Frame[] = []
  const read = async () => {
    let text = ''
    for await (const chunk of answer.body ?? []) {
      text += new TextDecoder().decode(chunk)
      const parts = text.split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) if (part.includes('data: ')) frames.push(JSON.parse(part.slice(part.indexOf('data: ') + 6)))
    }
  }
  read().catch(() => undefined)
  return { frames, stop: () => abort.abort() }
}

test('a softphone with a pass is called, heard and hears, its levels move, and it comes back after control was killed', async () => {
  const { now } = centre
  const given = await pass()
  assert.doesNotMatch(JSON.stringify(given), /pw-210/, 'the extension’s own password goes nowhere')
  const phone = await now.phone('210', { authUser: given.username, password: given.password })
  const { line: customer, call } = await now.customer('+15554150210')
  const line = await eventually('its line', () => phone.lines[0])
  await hear({ line, hears: [outsideTone] })
  await hear({ line: customer, hears: [toneOf(phone)] })

  const { frames, stop } = await levels(call.id)
  const loud = await eventually('both are loud', () => {
    const seen = Object.entries(frames.at(-1)?.calls[call.id] ?? {})
    return seen.length === 2 && seen.every(([, level]) => level !== null && level > -40) ? seen : undefined
  })
  assert.deepEqual(loud.map(([party]) => party).toSorted(), call.parties.map(({ id }) => id).toSorted())

  now.sotto.kill('control')
  await now.sotto.ready()
  await hear({ line: customer, hears: [toneOf(phone)] })
  await phone.register()
  const again = await levels(call.id)
  await eventually('levels after the restart', () => Object.keys(again.frames.at(-1)?.calls[call.id] ?? {}).length === 2)
  await customer.hangUp()
  await eventually('the call is gone from the levels', () => again.frames.at(-1)?.calls[call.id] === undefined)
  stop()
  again.stop()
})

test('a pass of which the end was moved registers nobody', async () => {
  const given = await pass()
  const forged = given.username.replace(/~[0-9a-z]+~/, '~zzzzzz~')
  await assert.rejects(soon(centre.now.phone('210', { authUser: forged, password: given.password }), 'registered', 5_000))
})
