/** The native library of WebRTC connections (libdatachannel), loaded when it is needed. */
import type * as NodeDataChannel from 'node-datachannel'
import type { Log } from '../kernel/log.ts'

export type Library = typeof NodeDataChannel

/** Loading stops the process for some 10 ms, once. Its own log is not listened to: whoever does so keeps the process alive for good. */
export async function loadLibrary(log: Log): Promise<Library | undefined> {
  try {
    const library = await import('node-datachannel')
    library.preload()
    return library
  } catch (error) {
    log.error({ error: String(error) }, 'there is no WebRTC on this machine')
    return undefined
  }
}
