/** A source of randomness handed in from outside: the system's in production, a seeded one in tests. */
export interface Random {
  /** A whole number from 0 to `below` - 1; `below` is at most 2^32. */
  integer(below: number): number
  /** `bytes` random bytes as lower-case hexadecimal; unguessable in production. */
  hex(bytes: number): string
}
