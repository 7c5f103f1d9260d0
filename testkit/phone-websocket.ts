/** A phone in a browser: SIP over one WebSocket to its server (RFC 7118). Nobody can reach it but through that. */
import { WebSocket } from 'ws'
import { newTag } from './phone-message.ts'
import { hostPort, type Peer, type Receive, type Wire } from './phone-wire.ts'

export function openWebSocket(transport: 'WS' | 'WSS', server: Peer, receive: Receive): Promise<Wire> {
  const { promise, resolve, reject } = Promise.withResolvers<Wire>()
  const url = `${transport.toLowerCase()}://${hostPort(server)}/sip`
  const socket = new WebSocket(url, 'sip', { rejectUnauthorized: false })
  socket.once('error', reject)
  socket.once('open', () => {
    socket.off('error', reject)
    socket.on('error', () => {})
    socket.on('message', (data) => receive(data.toString(), server))
    resolve({
      transport,
      // RFC 7118 §5: a browser does not know its address, and invents a name that nobody has.
      local: { host: `${newTag()}.invalid`, port: 5060 },
      send: (text) => socket.send(text, () => {}),
      close: () => socket.terminate(),
    })
  })
  return promise
}
