/** Pages for people: the login of the code grant. Nothing on them is loaded from anywhere. */
import { type Answer, answer } from '../../http/answer.ts'

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => escapes[char] ?? '')

/** `formTargets`: origins to which the answer to the page's form may lead on; browsers check them before they follow a redirect. */
export function pageAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  formTargets: readonly string[] = [],
): Answer {
  const targets = formTargets.length === 0 ? "'none'" : ["'self'", ...formTargets].join(' ')
  return answer(status, body, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': `default-src 'none'; form-action ${targets}; frame-ancestors 'none'; base-uri 'none'`,
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    ...headers,
  })
}

const page = (title: string, content: string): string =>
  `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<title>${escaped(title)}</title>\n</head>\n<body>\n<main>\n<h1>${escaped(title)}</h1>\n${content}\n</main>\n</body>\n</html>\n`

export const refusalPage = (message: string): string => page('This did not work', `<p>${escaped(message)}</p>`)

export interface LoginForm {
  readonly app: string
  /** Where the browser goes afterwards. */
  readonly host: string
  /** What the form gives back as it is. */
  readonly hidden: Readonly<Record<string, string>>
  readonly fault?: string
}

export function loginPage({ app, host, hidden, fault }: LoginForm): string {
  const fields = Object.entries(hidden).map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`)
  const alert = fault === undefined ? [] : [`<p role="alert">${escaped(fault)}</p>`]
  return page(
    'Sign in',
    [
      `<p>The app ${escaped(app)} asks to act for you. You go on to ${escaped(host)} afterwards.</p>`,
      ...alert,
      '<form method="post" autocomplete="off">',
      ...fields,
      '<p><label>Extension <input name="number" inputmode="tel" required autofocus></label></p>',
      '<p><label>Password <input name="password" type="password" required></label></p>',
      '<p><button>Sign in</button></p>',
      '</form>',
    ].join('\n'),
  )
}
