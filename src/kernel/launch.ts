/**
 * What a child process says to the launcher over Node's IPC channel. `ready` once it serves; `refused` when a setting keeps it from
 * starting, before it ends with code 1. The launcher says nothing: it sends signals (SIGTERM: drain and end), and its death is the
 * closing of the channel, upon which a child drains and ends as if by SIGTERM.
 */
export type ChildMessage =
  | {
      readonly kind: 'ready' /** Base URL of the API, from control. */
      readonly http?: string /** `udp:address:port` …, from control. */
      readonly sip?: readonly string[]
    }
  | { readonly kind: 'refused' /** Key of the configuration, such as `http.listen`. */; readonly setting: string; readonly why: string }

export function isChildMessage(message: unknown): message is ChildMessage {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false
  return message.kind === 'ready' || (message.kind === 'refused' && 'setting' in message && 'why' in message)
}
