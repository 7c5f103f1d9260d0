/** A reading position in a header's value (already unfolded): each method takes what the grammar names, or leaves the position alone. */
import { isSpace, isTokenChar, withoutControls } from './chars.ts'

export class Cursor {
  readonly text: string
  at: number

  constructor(text: string, at = 0) {
    this.text = text
    this.at = at
  }

  /** The character at the position as a code; NaN at the end, which no comparison accepts. */
  peek(): number {
    return this.text.charCodeAt(this.at)
  }

  done(): boolean {
    return this.at >= this.text.length
  }

  spaces(): void {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++
  }

  /** Takes `code` with the space around it: COMMA, SEMI, EQUAL, SLASH, COLON of RFC 3261 §25.1. */
  separator(code: number): boolean {
    const start = this.at
    this.spaces()
    if (this.text.charCodeAt(this.at) !== code) {
      this.at = start
      return false
    }
    this.at++
    this.spaces()
    return true
  }

  /** The longest run of characters of a class; empty when there is none. */
  run(belongs: (code: number) => boolean): string {
    const start = this.at
    while (belongs(this.text.charCodeAt(this.at))) this.at++
    return this.text.slice(start, this.at)
  }

  token(): string {
    return this.run(isTokenChar)
  }

  /** A quoted string without its quotes and backslashes; `undefined` when none begins here or it never ends. */
  quoted(): string | undefined {
    if (this.peek() !== 0x22) return undefined
    let content = ''
    let from = this.at + 1
    for (let i = from; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i)
      if (code === 0x22) {
        this.at = i + 1
        return content + this.text.slice(from, i)
      }
      if (code !== 0x5c) continue
      content += this.text.slice(from, i)
      from = i + 1
      i++
    }
    return undefined
  }
}

export const COMMA = 0x2c
export const SEMICOLON = 0x3b
export const EQUALS = 0x3d
export const SLASH = 0x2f
export const COLON = 0x3a

/** Prints a quoted string. Control characters become spaces: the grammar lets them be escaped, and nobody gains by seeing them. */
export function quote(text: string, clean = withoutControls): string {
  const safe = clean(text)
  return safe.includes('"') || safe.includes('\\') ? `"${safe.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `"${safe}"`
}
