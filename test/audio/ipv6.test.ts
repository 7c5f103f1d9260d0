/** Phones that live on IPv6, and calls between the two families: each leg speaks its own, and the server stands between. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { type Centre, centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { Phone } from '../../testkit/phone.ts'
import { readDescription } from '../../testkit/phone-sdp.ts'
import { eventually, soon } from '../../testkit/phone-wait.ts'

const centre = centreFor({ ipv6: true, change: (config) => config.accounts.forEach(customersOnIpv4) })
before(centre.open)
after(centre.close)
afterEach(() => centre.now.quiet())

/** The trunk of this server is on IPv6; customers who call by IPv4 come from any port of that address. */
function customersOnIpv4({ trunks = [] }: { trunks?: { trusted: string[] }[] }): void {
  for (const trunk of trunks) trunk.trusted.push('127.0.0.9')
}

const onIpv6 = ({ sotto }: Centre) => ({ server: { host: '::1', port: sotto.sip.port } })

test('two phones on IPv6 talk, over UDP and over TCP, and all they are told is IPv6', async () => {
  const here = await centre.now.phone('210', onIpv6(centre.now))
  const there = await centre.now.phone('211', { ...onIpv6(centre.now), transport: 'TCP' })
  for (const [caller, called] of [
    [here, there],
    [there, here],
  ] as const) {
    const line = await caller.call(called === there ? '211' : '210')
    await soon(line.answered, 'an answer')
    const other = await called.next('incoming')
    await hear({ line, hears: [toneOf(called)] }, { line: other, hears: [toneOf(caller)] })
    assert.equal(readDescription(other.invite?.body ?? '')?.host, '::1')
    await line.hangUp()
    assert.equal((await soon(other.ended, 'the end')).by, 'them')
  }
})

test('a customer on an IPv6 trunk, an agent on IPv4 and a supervisor on IPv6: every mode is heard as on one family', async () => {
  const agent = await centre.now.phone('106')
  const supervisor = await centre.now.phone('101', onIpv6(centre.now))
  const { line: customer, call } = await centre.now.customer('+18661234568')
  const { line } = agent
  await hear({ line, hears: [outsideTone] }, { line: customer, hears: [toneOf(agent)] })
  const { id } = await centre.now.api.supervise(call.id, { supervisor: { extension: '101' }, mode: 'whisper' })
  const listening = await supervisor.next('answered')
  await hear(
    { line, hears: [outsideTone, toneOf(supervisor)] },
    { line: customer, hears: [toneOf(agent)] },
    { line: listening, hears: [outsideTone, toneOf(agent)] },
  )
  await centre.now.api.change(id, { mode: 'barge' })
  await hear({ line: customer, hears: [toneOf(agent), toneOf(supervisor)] })
})

test('a customer on IPv4 and an agent on IPv6, who calls back over the IPv6 trunk', async () => {
  const agent = await centre.now.phone('106', onIpv6(centre.now))
  const customer = await Phone.start({
    server: centre.now.sotto.sip,
    listen: { host: '127.0.0.9', port: 0 },
    user: 'customer',
    tone: 1_900,
  })
  try {
    const line = await customer.call('+18661234568', { from: '+15550001111' })
    await soon(line.answered, 'the agent answers')
    await hear({ line, hears: [toneOf(agent)] }, { line: await agent.next('answered'), hears: [1_900] })
    await line.hangUp()
    await eventually('the agent is free', () => agent.lines.length === 0)
    const back = await agent.call('+442071838750')
    await soon(back.answered, 'the customer answers')
    await hear({ line: back, hears: [outsideTone] }, { line: await centre.now.trunk.next('answered'), hears: [toneOf(agent)] })
  } finally {
    await customer.stop()
  }
})

test('a phone that moves from IPv4 to IPv6 is called where it registered last', async () => {
  const caller = await centre.now.phone('210')
  const before = await centre.now.phone('211')
  await before.unregister()
  const moved = await centre.now.phone('211', onIpv6(centre.now))
  const line = await caller.call('211')
  await soon(line.answered, 'an answer')
  await hear({ line, hears: [toneOf(moved)] }, { line: await moved.next('answered'), hears: [toneOf(caller)] })
})
