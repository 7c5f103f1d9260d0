/** What the command line ends with (docs/cli.md). */
export const exits = { done: 0, failed: 1, usage: 2, unreachable: 3, refused: 4, unknown: 5 } as const
export type Exit = (typeof exits)[keyof typeof exits]

/** Ends the command with what a person can do something with. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exit: Exit
  /** What `--json` tells. */
  readonly details: object

  constructor(exit: Exit, message: string, details: object = {}) {
    super(message)
    this.exit = exit
    this.details = details
  }
}

export const wrongUse = (message: string): Failure => new Failure(exits.usage, message)

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
