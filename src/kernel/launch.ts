/**
 * What a child process says to the launcher over Node's IPC channel. `ready` once it serves; `refused` when a setting keeps it from
 * starting, before it ends with code 1. The launcher says nothing: it sends signals (SIGTERM: drain and end; SIGUSR2 to a standby of media:
 * take over now), and its death is the closing of the channel, upon which a child drains and ends as if by SIGTERM.
 */
/**
 * Raised whenever a version cannot go on with what an older one left: its log, the words between control and media, the state of media. An
 * upgrade under calls is between versions of the same number.
 */
export const handoverForm = 1

export type ChildMessage =
  | {
      readonly kind: 'ready' /** From media: as what. */
      readonly as?: 'active' | 'standby' /** Base URL of the API, from control. */
      readonly http?: string /** `udp:address:port` …, from control. */
      readonly sip?: readonly string[]
    }
  /** From a control that was told to wait (`SOTTO_WAITS`): it begins at SIGUSR2. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'refused' /** Key of the configuration, such as `http.listen`. */; readonly setting: string; readonly why: string }

export function isChildMessage(message: unknown): message is ChildMessage {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false
  return message.kind === 'ready' || message.kind === 'loaded' || (message.kind === 'refused' && 'setting' in message && 'why' in message)
}
