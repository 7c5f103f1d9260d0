/** `sotto COMMAND`: what the words ask for is done, and what went wrong is said once, with an exit code of its own. */
import { Asked, helpOf, parse } from './command.ts'
import { commands } from './commands.ts'
import { type Exit, exits, Failure, reasonOf, wrongUse } from './exits.ts'
import { ourVersion } from './start.ts'

/** Ends the process, unless what was started ends by itself. */
export async function run(args: readonly string[]): Promise<void> {
  // Whoever reads us may stop reading: `sotto watch | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exits.done)
    throw error
  })
  const exit = await outcomeOf(args)
  // The library of WebRTC keeps the process alive after its last connection.
  if (exit !== 'stays') process.exit(exit)
}

async function outcomeOf(args: readonly string[]): Promise<Exit | 'stays'> {
  try {
    return await carryOut(args)
  } catch (error) {
    const exit = error instanceof Failure ? error.exit : exits.failed
    const details = error instanceof Failure ? error.details : {}
    const said = args.includes('--json')
      ? JSON.stringify({ error: { message: reasonOf(error), exit, ...details } })
      : `sotto: ${reasonOf(error)}`
    process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${said}\n`)
    return exit
  }
}

async function carryOut([name, ...rest]: readonly string[]): Promise<Exit | 'stays'> {
  if (name === '--version' || name === '-v') return print(ourVersion())
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) return print(overview())
  if (name === 'help') return carryOut([...rest.slice(0, 1), '--help'])
  // `audit verify` is two words.
  const two = commands.find((command) => command.name === `${name} ${rest[0]}`)
  const command = two ?? commands.find((one) => one.name === name)
  if (command === undefined) throw wrongUse(`there is no command “${name}”: sotto --help`)
  const given = parse(command, two === undefined ? rest : rest.slice(1))
  if (given.values.help === true) return print(helpOf(command).trimEnd())
  return command.run(new Asked(given, { streams: process, environment: process.env }))
}

function print(text: string): Exit {
  process.stdout.write(`${text}\n`)
  return exits.done
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: sotto COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\nsotto COMMAND --help says more. The server is --url or SOTTO_URL, the API key --key or SOTTO_KEY.`
}
