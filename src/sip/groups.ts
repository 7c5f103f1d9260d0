/** Sets by a name that they share; one that is empty is forgotten. */
export class Groups<Member> {
  readonly #byName = new Map<string, Set<Member>>()

  add(name: string, member: Member): void {
    const others = this.#byName.get(name)
    if (others === undefined) this.#byName.set(name, new Set([member]))
    else others.add(member)
  }

  has(name: string, member: Member): boolean {
    return this.#byName.get(name)?.has(member) === true
  }

  delete(name: string, member: Member): void {
    const others = this.#byName.get(name)
    if (others?.delete(member) === true && others.size === 0) this.#byName.delete(name)
  }

  /** As they are now: some may go while they are looked at. */
  of(name: string): readonly Member[] {
    return [...(this.#byName.get(name) ?? [])]
  }
}
