/** The hearing of each dialect's supervision verbs, with real phones and tones (contract README, "Portable semantics"): before, during, after. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { centreFor, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { type DialectClient, dialectClients, type Mode, type Reply, type Request, sara } from '../../testkit/dialect-clients.ts'
import { sendTo } from '../../testkit/dialect-wire.ts'
import type { Phone } from '../../testkit/phone.ts'
import type { Line } from '../../testkit/phone-line.ts'
import { eventually, pause } from '../../testkit/phone-wait.ts'

const centre = centreFor()
let paco: Phone
let supervisor: Phone
let ringing = false

before(async () => {
  await centre.open()
  paco = await centre.now.phone('210')
  supervisor = await centre.now.phone('101', { decide: () => (ringing ? 'ring' : { answerAfterMs: 0 }) })
})
after(centre.close)
afterEach(async () => {
  ringing = false
  await centre.now.quiet()
})

const from = '6501234567'
const send = (request: Request): Promise<Reply> => sendTo(centre.now.sotto.http, request)

/** Rows of the table: who hears whom with this mode. */
const rows: Readonly<Record<Mode | 'private', { readonly supervisor: boolean; readonly agent: boolean; readonly customer: boolean }>> = {
  monitor: { supervisor: true, agent: false, customer: false },
  whisper: { supervisor: true, agent: true, customer: false },
  private: { supervisor: false, agent: true, customer: false },
  barge: { supervisor: true, agent: true, customer: true },
}

interface Stage {
  readonly client: DialectClient
  readonly token: string
  readonly id: string
  readonly line: Line
}

async function stage(client: DialectClient): Promise<Stage> {
  const token = await client.login(send)
  const { line } = await centre.now.customer('+15554150210', from)
  await hearsAs(line, undefined)
  const id = client.find(await send(client.list(token)), from)
  assert.ok(id !== undefined, `the call is in the list of ${client.name}`)
  return { client, token, id, line }
}

/** Of the whole call, not of the moments at which somebody looked. */
function heardInAll(customer: Line, agent: Line, mode: keyof typeof rows): void {
  const his = toneOf(supervisor)
  const frames = { customer: customer.heard.framesWith(his), agent: agent.heard.framesWith(his) }
  assert.deepEqual(
    { customer: frames.customer > 0, agent: frames.agent > 0 },
    { customer: rows[mode].customer, agent: rows[mode].agent },
    JSON.stringify(frames),
  )
}

/** The three of them hear exactly this. */
async function hearsAs(line: Line, mode: keyof typeof rows | undefined): Promise<void> {
  const row = mode === undefined ? undefined : rows[mode]
  const his = toneOf(supervisor)
  await hear(
    { line, hears: [toneOf(paco), ...(row?.customer ? [his] : [])] },
    { line: paco.line, hears: [outsideTone, ...(row?.agent ? [his] : [])] },
    ...(row === undefined || supervisor.lines.length === 0
      ? []
      : [{ line: supervisor.line, hears: row.supervisor ? [outsideTone, toneOf(paco)] : [] }]),
  )
}

function request({ client, token, id }: Stage, mode: Mode): Request {
  const asked = client.supervise(token, { id, target: '210', by: sara, mode })
  assert.ok(asked !== undefined)
  return asked
}

const isSuccess = ({ status, text }: Reply): boolean => (status === 200 || status === 202) && !text.includes('Failed') && text !== 'false'

const supervising = dialectClients.filter(({ name }) => name !== 'newvoicemedia')

for (const client of supervising) {
  describe(client.name, () => {
    for (const mode of ['monitor', 'whisper', 'barge'] as const) {
      test(`${mode}: nobody hears him before he picks up; then the row; then nobody`, async () => {
        const on = await stage(client)
        ringing = true
        const reply = await send(request(on, mode))
        assert.ok(isSuccess(reply), reply.text)
        await eventually('his phone rings', () => supervisor.lines.length === 1)
        await hearsAs(on.line, undefined)
        supervisor.line.answer()
        await hearsAs(on.line, mode)
        await pause(500)
        await hearsAs(on.line, mode)
        await supervisor.line.hangUp()
        await hearsAs(on.line, undefined)
        await pause(200)
        heardInAll(on.line, paco.line, mode)
      })
    }

    test('the matrix holds while the customer is on hold and after', async () => {
      const on = await stage(client)
      await send(request(on, 'whisper'))
      await hearsAs(on.line, 'whisper')
      await on.line.hold()
      await hear({ line: paco.line, hears: [toneOf(supervisor)] }, { line: supervisor.line, hears: [toneOf(paco)] })
      await on.line.resume()
      await hearsAs(on.line, 'whisper')
    })

    // OpenVox and Yeastar demand an idle supervisor, so there is no change in place.
    const changes = client.name === 'yeastar' ? [] : (['monitor', 'whisper', 'barge', 'monitor', 'barge', 'whisper', 'monitor'] as const)
    if (changes.length > 0)
      test('another mode changes his in place, with the same leg', async () => {
        const on = await stage(client)
        for (const mode of changes) {
          const reply = await send(request(on, mode))
          assert.ok(isSuccess(reply), reply.text)
          await hearsAs(on.line, mode)
          assert.equal(supervisor.lines.length, 1)
        }
      })

    test('the call ends, and his leg with it', async () => {
      const on = await stage(client)
      await send(request(on, 'barge'))
      await hearsAs(on.line, 'barge')
      const hangUp = client.hangUp(on.token, { id: on.id, target: '210' })
      assert.ok(hangUp !== undefined && isSuccess(await send(hangUp)))
      await eventually('all lines are over', () => supervisor.lines.length === 0 && paco.lines.length === 0)
    })
  })
}

test('voipnow, private 1: the agent hears him, and he hears nobody', async () => {
  const on = await stage(dialectClients[0] as DialectClient)
  const asked = request(on, 'whisper')
  const reply = await send({ ...asked, body: JSON.stringify({ ...JSON.parse(asked.body ?? '{}'), private: 1 }) })
  assert.equal(reply.status, 202, reply.text)
  await eventually('he is on the line', () => supervisor.lines.some((line) => line.state === 'connected'))
  await hearsAs(on.line, 'private')
  await pause(300)
  await hearsAs(on.line, 'private')
  heardInAll(on.line, paco.line, 'private')
})
