/** Without a standby, or when both are dead, calls end with the media process, and the server takes new ones at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Centre, hear, outsideTone, toneOf } from '../../testkit/centre.ts'
import { eventually } from '../../testkit/phone-wait.ts'

const health = async (http: string) => (await (await fetch(`${http}/health`)).json()) as { readonly degraded: readonly string[] }

for (const standby of [false, true]) {
  test(`media.standby ${standby}: when all of media dies, calls end as media-lost, and the next call has audio`, async () => {
    const centre = await Centre.open({
      change: (config) => {
        config.media.standby = standby
      },
    })
    try {
      const { sotto } = centre
      await eventually('media', () => (standby ? sotto.mediaPair() !== undefined : sotto.pids('media').length === 1), 10_000)
      const agent = await centre.phone('106')
      const { line, call } = await centre.customer('+18661234568')
      await hear({ line, hears: [toneOf(agent)] })
      sotto.kill('media')
      await eventually('the call is over', async () => (await centre.api.calls()).every(({ id }) => id !== call.id), 5_000)
      assert.equal((await centre.api.call(call.id)).endReason, 'media-lost')
      await eventually('nothing is degraded', async () => (await health(sotto.http)).degraded.length === 0, 5_000)
      const next = await centre.customer('+18661234568', '+442071838751')
      await hear({ line: next.line, hears: [toneOf(agent)] }, { line: agent.line, hears: [outsideTone] })
      assert.equal(sotto.pids('media').length, standby ? 2 : 1)
    } finally {
      await centre.close()
    }
  })
}
