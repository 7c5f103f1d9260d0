import { type Answer, answer } from '../http/answer.ts'

export interface Health {
  readonly status: 'ok' | 'degraded'
  readonly version: string
  readonly degraded: readonly string[]
}

/** What a person sees who opens the server in a browser. */
export function statusPage({ version, status, degraded }: Health): Answer {
  const state = status === 'ok' ? 'All is well.' : `Degraded: ${degraded.map(escaped).join(', ')}.`
  return answer(200, page(escaped(version), state), {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

const page = (version: string, state: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sotto</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}</style>
<h1>Sotto</h1>
<p>This is Sotto ${version}, a server that lets a person or a program step into a live phone call: listen, whisper, barge, take over.</p>
<p>${state}</p>
<ul>
<li><a href="/openapi.json">The API</a>, as an OpenAPI document</li>
<li><a href="/health">Health</a>, <a href="/ready">readiness</a>, <a href="/metrics">metrics</a></li>
</ul>
</html>
`
