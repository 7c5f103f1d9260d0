import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sample } from '../api/metrics.ts'
import { createMetrics } from './metrics.ts'

test('samples are shown as they are now, gauges and counters, and vanish when they are no longer given', async () => {
  let samples: readonly Sample[] = [
    { name: 'sotto_legs', help: 'Legs.', kind: 'gauge', labels: { process: 'a' }, value: 3 },
    { name: 'sotto_legs', help: 'Legs.', kind: 'gauge', labels: { process: 'b' }, value: 4 },
    { name: 'sotto_packets_total', help: 'Packets.', kind: 'counter', labels: {}, value: 100 },
  ]
  const metrics = createMetrics({ sources: [() => samples], ofProcess: false })
  assert.match(
    await metrics.text(),
    /# TYPE sotto_legs gauge\nsotto_legs\{process="a"\} 3\nsotto_legs\{process="b"\} 4\n.*# TYPE sotto_packets_total counter\nsotto_packets_total 100\n/s,
  )
  samples = [{ name: 'sotto_legs', help: 'Legs.', kind: 'gauge', labels: { process: 'a' }, value: 1 }]
  const text = await metrics.text()
  assert.match(text, /sotto_legs\{process="a"\} 1\n/)
  assert.doesNotMatch(text, /process="b"/)
})

test('requests are counted by method, route and status', async () => {
  const metrics = createMetrics({ sources: [], ofProcess: false })
  metrics.exchange({ method: 'GET', route: '/x/:y', status: 200, seconds: 0.02 })
  metrics.exchange({ method: 'GET', route: '/x/:y', status: 200, seconds: 2 })
  const text = await metrics.text()
  assert.match(text, /_bucket\{le="0\.025",method="GET",route="\/x\/:y",status="200"\} 1\n/)
  assert.match(text, /_count\{method="GET",route="\/x\/:y",status="200"\} 2\n/)
})

test('the process itself is measured where asked', async () => {
  assert.match(await createMetrics({ sources: [], ofProcess: true }).text(), /process_cpu_seconds_total/)
})
