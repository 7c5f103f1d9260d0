/**
 * One Sotto works on a data folder at a time. `launcher.json` in it names the process and its socket, on which a newer Sotto asks for the
 * calls (hand-over.ts). Whether it lives, the socket tells: a file that a killed one left behind is nobody's.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'

export interface Tenant {
  readonly pid: number
  readonly version: string
  readonly socket: string
}

const attempts = 5

/** Who works on the folder; undefined: nobody. */
export async function tenantOf(data: string): Promise<Tenant | undefined> {
  const tenant = read(fileIn(data))
  return tenant !== undefined && (await isThere(tenant)) ? tenant : undefined
}

async function isThere({ socket: path }: Tenant): Promise<boolean> {
  const socket = await reach(path)
  socket?.destroy()
  return socket !== undefined
}

export function reach(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

export class Tenancy {
  readonly #file: string
  readonly #us: Tenant
  readonly #server: Server

  private constructor(file: string, us: Tenant, server: Server) {
    this.#file = file
    this.#us = us
    this.#server = server
  }

  /** Undefined when somebody else was quicker. `after`: whoever hands the folder over. */
  static async take(data: string, us: Tenant, onAsked: (socket: Socket) => void, after?: Tenant): Promise<Tenancy | undefined> {
    const server = createServer(onAsked).unref()
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(us.socket, resolve))
    mkdirSync(data, { recursive: true })
    const file = fileIn(data)
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (written(file, us)) return new Tenancy(file, us, server)
      const found = read(file)
      if (found !== undefined && found.pid !== after?.pid && (await isThere(found))) break
      layAside(file, found, us)
    }
    server.close()
    return undefined
  }

  /** The folder is free, unless somebody has taken it over. */
  leave(): void {
    this.#server.close()
    if (read(this.#file)?.pid === this.#us.pid) rmSync(this.#file, { force: true })
  }
}

const fileIn = (data: string): string => join(data, 'launcher.json')

/** Whole or not at all: whoever finds the file can read it. */
function written(file: string, us: Tenant): boolean {
  const draft = `${file}.${us.pid}`
  writeFileSync(draft, `${JSON.stringify(us)}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Of two who find the same file of nobody, one must not remove what the other has just put in its place. */
function layAside(file: string, found: Tenant | undefined, us: Tenant): void {
  const aside = `${file}.${us.pid}`
  try {
    renameSync(file, aside)
    if (read(aside)?.pid !== found?.pid) linkSync(aside, file)
  } catch {
    // Somebody else has moved it.
  }
  rmSync(aside, { force: true })
}

function read(file: string): Tenant | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value?.pid === 'number' && typeof value.socket === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
