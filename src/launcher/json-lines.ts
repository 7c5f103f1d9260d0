/** Words between two launchers: JSON, one a line, over a local socket. */
import type { Socket } from 'node:net'

/** No word has a tenth of it. */
const longestLine = 10_000

export function hearLines(socket: Socket, hear: (word: unknown) => void): void {
  let held = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (held + chunk).split('\n')
    held = lines.pop() ?? ''
    if (held.length > longestLine) socket.destroy()
    for (const line of lines) {
      const word = parsed(line)
      if (word === undefined) socket.destroy()
      else hear(word)
    }
  })
  // A peer that has gone away is told by `close`.
  socket.on('error', () => undefined)
}

export const sayLine = (socket: Socket, word: object): void => void socket.write(`${JSON.stringify(word)}\n`)

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
