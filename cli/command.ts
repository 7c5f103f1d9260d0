/** What a command is, how its words are read, and its help. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Api } from './api.ts'
import { demoConfig } from './demo-config.ts'
import { type Exit, reasonOf, wrongUse } from './exits.ts'
import { Out, type Streams } from './out.ts'

export interface Option {
  readonly name: string
  /** What stands behind it; absent: nothing does. */
  readonly value?: string
  readonly says: string
}

export interface Command {
  readonly name: string
  readonly summary: string
  /** `CALL`, `[FILE]` where it may be absent. */
  readonly arguments: readonly string[]
  readonly options: readonly Option[]
  readonly examples: readonly string[]
  /** Uses the API of a server, or does without. */
  readonly isRemote: boolean
  readonly more?: string
  /** `stays`: it has started something that ends by itself. */
  run(asked: Asked): Promise<Exit | 'stays'>
}

export type Environment = Readonly<Record<string, string | undefined>>

const common: readonly Option[] = [
  { name: 'json', says: 'JSON instead of text: one document, or one a line where there are many' },
  { name: 'help', says: 'this' },
]
const remote: readonly Option[] = [
  { name: 'url', value: 'URL', says: 'where the server is; default SOTTO_URL, or http://127.0.0.1:8080' },
  { name: 'key', value: 'KEY', says: "an API key; default SOTTO_KEY, or the demonstration's on this machine" },
]

export const optionsOf = ({ options, isRemote }: Command): readonly Option[] => [...options, ...(isRemote ? remote : []), ...common]

export class Asked {
  readonly args: readonly string[]
  readonly out: Out
  readonly environment: Environment
  readonly #values: Readonly<Record<string, string | boolean | undefined>>

  constructor(
    given: { readonly args: readonly string[]; readonly values: Asked['values'] },
    { streams, environment }: { readonly streams: Streams; readonly environment: Environment },
  ) {
    this.args = given.args
    this.#values = given.values
    this.out = new Out(streams, given.values.json === true)
    this.environment = environment
  }

  get values(): Readonly<Record<string, string | boolean | undefined>> {
    return this.#values
  }

  arg(at: number): string {
    return this.args[at] ?? ''
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  is(name: string): boolean {
    return this.#values[name] === true
  }

  number(name: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const value = Number(text)
    if (text.trim() === '' || !(value >= min && value <= max)) throw wrongUse(`--${name} is a number from ${min} to ${max}`)
    return value
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name)
    if (text === undefined) return undefined
    const found = choices.find((choice) => choice === text)
    if (found === undefined) throw wrongUse(`--${name} is one of ${choices.join(', ')}`)
    return found
  }

  get url(): string {
    return urlFrom(this.text('url') || this.environment.SOTTO_URL || defaultUrl)
  }

  /** Given, or that of the demonstration, which only a server on this machine is sent. */
  api(): Api {
    const url = this.url
    const key = this.text('key') || this.environment.SOTTO_KEY
    if (key) return new Api({ url, key })
    if (!isLoopback(url)) throw wrongUse('say which API key with --key or SOTTO_KEY')
    return new Api({ url, key: demoKey(), isGuess: true })
  }
}

const defaultUrl = 'http://127.0.0.1:8080'

function urlFrom(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw wrongUse(`${text} is no URL: http://HOST:PORT or https://HOST`)
  return `${url.origin}${url.pathname.replace(/(\/sotto\/v1)?\/*$/, '')}`
}

export const isLoopback = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname)

function demoKey(): string {
  const { accounts } = JSON.parse(readFileSync(demoConfig, 'utf8'))
  return accounts[0].credentials.native[0].key
}

/** Throws where the words make no sense. */
export function parse(command: Command, args: readonly string[]): { readonly args: readonly string[]; readonly values: Asked['values'] } {
  const entries = optionsOf(command).map(({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' } as const])
  const parsed = wellFormed(args, Object.fromEntries(entries))
  if (parsed.values.help === true) return parsed
  const needed = command.arguments.filter((name) => !name.startsWith('['))
  const missing = needed[parsed.args.length]
  if (missing !== undefined) throw wrongUse(`${missing} is missing: sotto ${usageOf(command)}`)
  const extra = parsed.args[command.arguments.length]
  if (extra !== undefined) throw wrongUse(`“${extra}” is too much: sotto ${usageOf(command)}`)
  return parsed
}

function wellFormed(args: readonly string[], options: Readonly<Record<string, { readonly type: 'boolean' | 'string' }>>) {
  try {
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
    return { args: positionals, values: values as Asked['values'] }
  } catch (error) {
    throw wrongUse(reasonOf(error).split('. To specify')[0] ?? '')
  }
}

export const usageOf = ({ name, arguments: args }: Command): string => [name, ...args, '[OPTIONS]'].join(' ')

export function helpOf(command: Command): string {
  const options = optionsOf(command).map(({ name, value, says }) => [`--${name}${value === undefined ? '' : ` ${value}`}`, says] as const)
  const width = Math.max(...options.map(([option]) => option.length))
  return [
    `Usage: sotto ${usageOf(command)}`,
    '',
    command.summary,
    ...(command.more === undefined ? [] : ['', command.more]),
    '',
    'Options:',
    ...options.map(([option, says]) => `  ${option.padEnd(width)}  ${says}`),
    '',
    command.examples.length > 1 ? 'Examples:' : 'Example:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}
