import { latest, Notebook } from '../../kernel/change.ts'
import type { Core } from './core.ts'
import type { EngineChange, EngineMemory } from './memory.ts'
import { bridgeKey, bridgeMemory, isOwn, legKey, legMemory, lineKey, lineMemory, memoryVersion } from './memory.ts'

/** What whoever writes things down has been told of legs and bridges; the SIP layer keeps its own book. */
export class Recollection {
  readonly #notebook = new Notebook<EngineMemory>()
  #isEpochTold = false

  begin(before: Iterable<EngineChange>): ReadonlyMap<string, EngineMemory> {
    const memories = latest(before)
    for (const [key, memory] of memories) if (isOwn(memory)) this.#notebook.begin(key, memory)
    return memories
  }

  changes({ door, legs, lines, bridges, line }: Core): readonly EngineChange[] {
    if (!this.#isEpochTold) this.#notebook.note('epoch', { kind: 'epoch', version: memoryVersion, epoch: line.epoch })
    this.#isEpochTold = true
    for (const leg of legs.takeTouched()) this.#notebook.note(legKey(leg.id), legs.has(leg) ? legMemory(leg) : undefined)
    for (const [id, held] of lines.takeTouched()) this.#notebook.note(lineKey(id), held && lineMemory(held))
    for (const [call, bridge] of bridges.takeTouched()) this.#notebook.note(bridgeKey(call), bridge && bridgeMemory(bridge))
    const own = this.#notebook.take()
    const signalling: readonly EngineChange[] = door.changes()
    return own.length === 0 ? signalling : [...own, ...signalling]
  }
}
