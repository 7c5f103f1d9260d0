export interface FunctionLength {
  /** Line of the head, from 1. */
  readonly line: number
  readonly lines: number
  readonly name: string
}

/** Every function with a body in masked source, with the lines from its head to its closing brace. */
export function functionsOf(code: string): readonly FunctionLength[] {
  const found: FunctionLength[] = []
  const open: { readonly at: number; readonly head: number | undefined }[] = []
  for (let at = 0; at < code.length; at += 1) {
    if (code[at] === '{') open.push({ at, head: headOf(code, at) })
    if (code[at] !== '}') continue
    const start = open.pop()
    if (start?.head !== undefined) found.push(measured(code, start.head, at))
  }
  return found
}

function measured(code: string, head: number, end: number): FunctionLength {
  const line = lineAt(code, head)
  const name = /([\w$#]+)\s*(?:=\s*(?:async\s*)?)?(?:<[^>]*>\s*)?$/.exec(code.slice(0, head))?.[1] ?? 'function'
  return { line, lines: lineAt(code, end) - line + 1, name }
}

const lineAt = (code: string, at: number): number => code.slice(0, at).split('\n').length

const control = /\b(?:if|for|while|switch|catch|with|await)\s*$/

/** Where the parameters of the function begin whose body opens at `brace`; undefined where the brace is no function's. */
function headOf(code: string, brace: number): number | undefined {
  const before = code.slice(0, brace).trimEnd()
  const signature = before.endsWith('=>') ? before.slice(0, -2).trimEnd() : before
  if (before.endsWith('=>') && /[\w$]$/.test(signature) && !/\)\s*:\s*[^()]*$/.test(lastPart(signature))) return signature.search(/[\w$]+$/)
  const close = closingOfParameters(signature)
  if (close === undefined) return undefined
  const parameters = matching(signature, close)
  return parameters === undefined || control.test(signature.slice(0, parameters)) ? undefined : parameters
}

const lastPart = (text: string): string => text.slice(-400)

/** The `)` before the body, with or without a return type between. */
function closingOfParameters(signature: string): number | undefined {
  if (signature.endsWith(')')) return signature.length - 1
  const literal = signature.endsWith('}') ? matching(signature, signature.length - 1) : undefined
  const typed = literal === undefined ? signature : signature.slice(0, literal)
  const match = /\)\s*:\s*([^;{}()=]*)$/.exec(lastPart(typed))
  // Nothing between `):` and the brace: it opens a type, or the second value of a choice.
  if (match === null || (match[1] === '' && literal === undefined)) return undefined
  return typed.length - match[0].length
}

const pairs: Readonly<Record<string, string>> = { ')': '(', '}': '{' }

function matching(code: string, close: number): number | undefined {
  const closing = code[close] ?? ''
  const opening = pairs[closing]
  let depth = 0
  for (let at = close; at >= 0; at -= 1) {
    if (code[at] === closing) depth += 1
    if (code[at] === opening) depth -= 1
    if (depth === 0) return at
  }
  return undefined
}
