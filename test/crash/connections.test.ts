/** Phones on connections, which die with the process: they connect and register anew, and their calls are theirs again. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Centre, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import type { Phone } from '../../testkit/phone.ts'
import { pause, soon } from '../../testkit/phone-wait.ts'

let centre: Centre

before(async () => {
  centre = await Centre.open({ also: ['tls', 'wss'] })
})
after(() => centre.close())

const ways = ['TCP', 'TLS', 'WSS'] as const

function agentOver(transport: (typeof ways)[number], more: Partial<Phone['options']> = {}): Promise<Phone> {
  const { sotto } = centre
  const server = transport === 'TCP' ? sotto.sip : sotto.listeners[transport === 'TLS' ? 'tls' : 'wss']
  assert.ok(server !== undefined)
  return centre.phone('106', { transport, server, ...more })
}

async function killControl(): Promise<void> {
  centre.sotto.kill('control')
  await pause(300)
  await centre.sotto.ready()
}

for (const transport of ways) {
  test(`${transport}: in a call over the death of the process, and after it held, resumed and hung up from either end`, async () => {
    const agent = await agentOver(transport)
    for (const whoEnds of ['agent', 'customer'] as const) {
      const { line, call } = await centre.customer('+18661234568')
      await hear({ line, hears: [toneOf(agent)] }, { line: agent.line, hears: [outsideTone] })
      await killControl()
      assert.deepEqual([line.heard.lost, agent.line.heard.lost], [0, 0])
      await agent.reconnect()
      assert.equal((await centre.api.call(call.id)).state, 'active')
      await agent.line.hold()
      await centre.callIn(call.id, 'held')
      await agent.line.resume()
      await centre.callIn(call.id, 'active')
      await hear({ line, hears: [toneOf(agent)] }, { line: agent.line, hears: [outsideTone] })
      const [ends, other] = whoEnds === 'agent' ? [agent.line, line] : [line, agent.line]
      await ends.hangUp()
      assert.equal((await soon(other.ended, 'the other end')).by, 'them')
      await centre.quiet()
    }
  })

  test(`${transport}: the customer hangs up before the phone is back, which learns of it as soon as it is`, async () => {
    const agent = await agentOver(transport)
    const { line } = await centre.customer('+18661234568')
    const { ended } = agent.line
    await killControl()
    await line.hangUp()
    await pause(200)
    assert.equal(agent.lines.length, 1)
    await agent.reconnect()
    assert.equal((await soon(ended, 'BYE')).by, 'them')
    await centre.quiet()
  })

  test(`${transport}: a phone that rang stops ringing as soon as it is back`, async () => {
    const agent = await agentOver(transport, { behaviour: 'ring' })
    const line = await centre.trunk.call('+18661234568', { from: '+442071838750' })
    line.answered.catch(() => undefined)
    const ringing = await soon(agent.next('incoming'), 'it rings')
    await killControl()
    assert.equal((await soon(line.ended, 'the customer is refused')).by, 'them')
    await agent.reconnect()
    assert.equal((await soon(ringing.ended, 'CANCEL')).by, 'them')
    await centre.quiet()
  })
}
