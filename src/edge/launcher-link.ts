/** A child's side of its life under the launcher (kernel/launch.ts). Started by hand, without a launcher, all of it does nothing. */
import type { ChildMessage } from '../kernel/launch.ts'

export function tellLauncher(message: ChildMessage): void {
  if (process.send !== undefined && process.connected) process.send(message, undefined, undefined, () => undefined)
}

/** Reports a socket that cannot be had, in one line that names the setting, and ends the process. */
export function refuseToStart(setting: string, error: unknown): void {
  const why = listenFailure(error)
  process.exitCode = 1
  if (process.send === undefined || !process.connected) {
    process.stderr.write(`sotto: ${setting}: ${why}\n`)
    process.exit()
  }
  process.send({ kind: 'refused', setting, why } satisfies ChildMessage, undefined, undefined, () => process.exit())
}

/** Of two controls on one log only one may run: a newer one has everything loaded, and begins when it is told that the older one is gone. */
export function goAhead(): Promise<void> {
  if (process.env.SOTTO_WAITS === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    const leave = () => process.exit()
    // Nothing else is open yet that would keep the process alive.
    const waiting = setInterval(() => undefined, 1_000)
    process.once('disconnect', leave)
    process.once('SIGUSR2', () => {
      clearInterval(waiting)
      process.off('disconnect', leave)
      resolve()
    })
    tellLauncher({ kind: 'loaded' })
  })
}

/** Runs `end` when the launcher is gone. */
export function whenLauncherGone(end: () => void): void {
  if (process.send !== undefined) process.once('disconnect', end)
}

export function listenFailure(error: unknown): string {
  const { code, message, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const where = address === undefined ? 'the address' : port === undefined ? address : `${address} port ${port}`
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program`
    case 'EACCES':
      return `${where} is not permitted to this user`
    case 'EADDRNOTAVAIL':
      return `${where} is no address of this machine`
    default:
      return message ?? String(error)
  }
}
