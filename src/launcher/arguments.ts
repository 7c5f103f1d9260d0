import { parseArgs } from 'node:util'
import { fail, type Outcome, ok } from '../kernel/outcome.ts'

export type Wish =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  /** Without a file: the demonstration. */
  | { readonly kind: 'run'; readonly config?: string; readonly takeOver?: boolean }

export const usage = `Usage: npm start [-- OPTIONS]

Starts Sotto. Without a configuration it starts a demonstration call centre with calls to listen to.

Options:
  --config FILE   the configuration (docs/configuration.md); or the environment variable SOTTO_CONFIG
  --take-over     takes the calls over from the Sotto that runs on the same data, such as an older version (docs/operations.md)
  --demo          the demonstration, whatever SOTTO_CONFIG says
  --version       prints the version
  --help          prints this
`

const options = {
  config: { type: 'string' },
  demo: { type: 'boolean' },
  'take-over': { type: 'boolean' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What the command line asks for. */
export function parseArguments(args: readonly string[], fromEnvironment: string | undefined): Outcome<Wish, string> {
  const parsed = parsedOptions(args)
  if (!parsed.ok) return parsed
  const { config = fromEnvironment, demo = false, 'take-over': takeOver = false, version = false, help = false } = parsed.value
  if (help) return ok({ kind: 'help' })
  if (version) return ok({ kind: 'version' })
  if (parsed.value.config === '') return fail('--config needs the name of a file')
  if (demo && parsed.value.config !== undefined) return fail('--demo and --config exclude each other')
  const isDemo = demo || config === undefined || config === ''
  if (takeOver && isDemo) return fail('--take-over needs --config: a demonstration has nothing to take over')
  return ok(isDemo ? { kind: 'run' } : { kind: 'run', config, ...(takeOver ? { takeOver } : {}) })
}

interface Options {
  readonly config?: string
  readonly demo?: boolean
  readonly 'take-over'?: boolean
  readonly version?: boolean
  readonly help?: boolean
}

function parsedOptions(args: readonly string[]): Outcome<Options, string> {
  try {
    return ok(parseArgs({ args: [...args], options, strict: true }).values)
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}
