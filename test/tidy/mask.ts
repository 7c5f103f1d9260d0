/**
 * TypeScript source with the contents of comments, strings and regular expressions blanked out, lines and columns kept, so that the rest
 * can be searched for words and braces. It knows just enough of the language for that; code in a template's `${}` stays.
 */
export function masked(source: string): string {
  return new Masker(source).run()
}

type Mode = 'code' | 'template'

class Masker {
  readonly #source: string
  readonly #out: string[] = []
  /** What each open brace returns to: a template's `${` returns to the template. */
  readonly #braces: Mode[] = []
  #at = 0
  #mode: Mode = 'code'

  constructor(source: string) {
    this.#source = source
  }

  run(): string {
    while (this.#at < this.#source.length) {
      if (this.#mode === 'template') this.#template()
      else this.#code()
    }
    return this.#out.join('')
  }

  #code(): void {
    const two = this.#source.slice(this.#at, this.#at + 2)
    if (two === '//') this.#blank(/[^\n]*/y)
    else if (two === '/*') this.#blank(/\/\*.*?\*\//sy)
    else if (two[0] === "'") this.#blank(/'(?:[^'\\\n]|\\.)*'/sy)
    else if (two[0] === '"') this.#blank(/"(?:[^"\\\n]|\\.)*"/sy)
    else if (two[0] === '/' && this.#expectsValue()) this.#blank(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y)
    else if (/[`{}/]/.test(two[0] ?? '')) this.#codeChar(two[0] ?? '')
    else this.#keep(/[^'"`{}/]+/y)
  }

  #codeChar(char: string): void {
    this.#out.push(char)
    this.#at += 1
    if (char === '`') this.#mode = 'template'
    if (char === '{') this.#braces.push('code')
    if (char === '}') this.#mode = this.#braces.pop() ?? 'code'
  }

  #template(): void {
    const rest = this.#source.startsWith('${', this.#at)
    if (rest) {
      this.#out.push('${')
      this.#at += 2
      this.#braces.push('template')
      this.#mode = 'code'
    } else if (this.#source[this.#at] === '`') {
      this.#out.push('`')
      this.#at += 1
      this.#mode = 'code'
    } else this.#blank(/\\.|[^`$\\]+|\$/sy)
  }

  /** Whether a `/` here begins a regular expression: after an operator, a bracket that opens, or a keyword. */
  #expectsValue(): boolean {
    const before = this.#out.slice(-8).join('').slice(-24).trimEnd()
    return before === '' || /[=(,:;!&|?{}[+\-*%<>~^]$|\b(?:return|typeof|case|in|of|yield|await)$/.test(before)
  }

  #keep(pattern: RegExp): void {
    this.#out.push(this.#next(pattern))
  }

  #blank(pattern: RegExp): void {
    this.#out.push(this.#next(pattern).replace(/[^\n]/g, ' '))
  }

  /** What `pattern` matches here, or one character where it does not match. */
  #next(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)?.[0] || (this.#source[this.#at] ?? '')
    this.#at += found.length
    return found
  }
}
