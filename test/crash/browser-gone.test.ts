/** A browser that vanishes without a word, as a closed tab or a laptop without power: it takes its time until we know, and we do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { legId } from '../../src/kernel/ids.ts'
import { limits } from '../../src/kernel/limits.ts'
import { MediaControl, startMediaChild } from '../../testkit/media-control.ts'
import { WebRtcPeer } from '../../testkit/webrtc-peer.ts'

test('a line whose browser is gone is told as lost; another one that only listens is not', { timeout: 60_000 }, async () => {
  const child = await startMediaChild({ ports: '47200-47299' })
  const control = await MediaControl.connect(child.socketPath)
  await control.hello(1)
  const [gone, stays] = [new WebRtcPeer(), new WebRtcPeer()]
  for (const [name, peer] of Object.entries({ gone, stays })) await connect(control, name, peer)
  await new Promise((resolve) => setTimeout(resolve, 500))
  gone.close()
  const goneAt = performance.now()
  const frameMs = 20
  const patienceMs = limits.webrtcUnheardPackets * frameMs + 5_000
  const lost = () => control.events.filter((event) => event.kind === 'leg-lost')
  while (lost().length === 0 && performance.now() - goneAt < patienceMs) await new Promise((resolve) => setTimeout(resolve, 100))
  assert.deepEqual(lost(), [{ kind: 'leg-lost', leg: 'gone', why: 'the peer is not heard of any more' }])
  assert.ok(stays.isOpen && stays.heard.recent(200).length > 5)
  assert.deepEqual(
    control.events.filter((event) => event.kind === 'rtp-stopped'),
    [],
  )
  stays.close()
  control.close()
  await child.stop()
})

async function connect(control: MediaControl, name: string, peer: WebRtcPeer): Promise<void> {
  const leg = legId(name)
  const opened = control.next('leg-opened')
  const webrtc = { role: 'answer', offer: await peer.offer() } as const
  control.send({ kind: 'open-leg', leg, account: 'acme', voice: 'supervisor', family: 4, webrtc })
  const { agreed, description = '' } = await opened
  assert.ok(agreed !== undefined)
  control.send({ kind: 'set-leg', leg, media: { ...agreed, remote: { address: '0.0.0.0', port: 0 }, rtcpMux: true } })
  peer.accept(description)
  await peer.connected()
}
