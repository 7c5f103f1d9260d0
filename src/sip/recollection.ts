import { latest, Notebook } from '../kernel/change.ts'
import { memoryVersion, type SipChange, type SipMemory, sessionKey } from './memory.ts'
import { remembered } from './remember.ts'
import type { Core } from './session.ts'

/** What whoever writes things down has been told. */
export class Recollection {
  readonly #notebook = new Notebook<SipMemory>()

  /** What an earlier process told; registrations of a version that is not understood are made again by the phones. */
  begin(before: Iterable<SipChange>): readonly SipMemory[] {
    const memories = [...latest(before)]
    for (const [key, memory] of memories) this.#notebook.begin(key, memory)
    return memories.map(([, memory]) => memory).filter(({ kind, version }) => kind === 'sip-session' || version === memoryVersion)
  }

  changes({ sessions, registrar }: Pick<Core, 'sessions' | 'registrar'>): readonly SipChange[] {
    for (const session of sessions.takeTouched()) this.#notebook.note(sessionKey(session.id), remembered(session))
    for (const [key, memory] of registrar.takeTouched()) this.#notebook.note(key, memory)
    return this.#notebook.take()
  }
}
