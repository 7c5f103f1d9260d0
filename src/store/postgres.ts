import { Socket } from 'node:net'
import { type Dialect, PostgresDialect } from 'kysely'
import { Pool, types } from 'pg'
import { limits } from '../kernel/limits.ts'

export interface PostgresServer {
  readonly dialect: Dialect
  /** Cuts every connection at once, whatever is under way: a server that hangs answers no goodbye. */
  cut(): void
}

const int8 = 20

/** Milliseconds, cursors and counts: all of them are exact as numbers. */
const getTypeParser: typeof types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === int8 && format !== 'binary' ? Number : types.getTypeParser(oid, format as 'text')

export function openPostgres(url: string, onLost: (error: Error) => void): PostgresServer {
  const sockets = new Set<Socket>()
  const stream = () => {
    const socket = new Socket()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }
  const pool = new Pool({
    connectionString: url,
    application_name: 'sotto',
    max: limits.storeConnections,
    connectionTimeoutMillis: limits.storeConnectMs,
    keepAlive: true,
    // A transaction whose client froze must not hold its locks against the successor.
    statement_timeout: limits.storeStatementMs,
    idle_in_transaction_session_timeout: limits.storeStatementMs,
    stream,
    types: { getTypeParser },
  })
  pool.on('error', onLost)
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return { dialect: new PostgresDialect({ pool }), cut }
}
