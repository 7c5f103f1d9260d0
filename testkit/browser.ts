/** What a browser does by itself, without being one: it keeps cookies, and says where its pages come from. */
import type { Asking, Reply, TestServer } from './api-server.ts'

export class Browser {
  readonly #server: TestServer
  readonly #cookies = new Map<string, string>()
  csrf = ''

  constructor(server: TestServer) {
    this.#server = server
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  /** As a script on a page of the server: with the cookies, and from there. */
  async ask(line: string, { headers = {}, ...asking }: Asking = {}): Promise<Reply> {
    const own = { Origin: this.#server.url, 'Sec-Fetch-Site': 'same-origin', 'X-CSRF-Token': this.csrf }
    const cookie: Record<string, string> = this.#cookies.size === 0 ? {} : { Cookie: this.cookie }
    const isRead = line.startsWith('GET')
    const reply = await this.#server.ask(line, { ...asking, headers: { ...cookie, ...(isRead ? {} : own), ...headers } })
    this.#take(reply.headers)
    return reply
  }

  async signIn(body: object): Promise<Reply> {
    const reply = await this.ask('POST /session', { body })
    if (reply.status === 201) this.csrf = reply.json.csrf
    return reply
  }

  #take(headers: Headers): void {
    for (const text of headers.getSetCookie()) {
      const [pair = '', ...attributes] = text.split('; ')
      const at = pair.indexOf('=')
      if (attributes.includes('Max-Age=0')) this.#cookies.delete(pair.slice(0, at))
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
  }
}
