import { type Answer, answer } from '../http/answer.ts'
import { textPageHeaders } from '../http/page-headers.ts'

export interface Health {
  readonly status: 'ok' | 'degraded'
  readonly version: string
  readonly degraded: readonly string[]
}

/** What a person sees who opens the server in a browser where the wallboard is not built. */
export function statusPage({ version, status, degraded }: Health): Answer {
  const state = status === 'ok' ? 'All is well.' : `Degraded: ${degraded.map(escaped).join(', ')}.`
  return answer(200, page(escaped(version), state), headers)
}

/** Tries again by itself, without a script. */
export const buildingPage = (): Answer =>
  answer(200, `${head}<meta http-equiv="refresh" content="2">\n<h1>Sotto</h1>\n${building}</html>\n`, headers)

const headers = { ...textPageHeaders, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' } as const

const building = `<p role="status">The wallboard is being built, and appears here in a moment.</p>
<p>Calls do not wait for it, and neither does <a href="/openapi.json">the API</a>.</p>
`

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

const head = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Sotto</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40em;margin:4em auto;padding:0 1em}</style>
`

const page = (version: string, state: string): string => `${head}<h1>Sotto</h1>
<p>This is Sotto ${version}, a server that lets a person or a program step into a live phone call: listen, whisper, barge, take over.</p>
<p>${state}</p>
<p>The wallboard is not built: <code>npm run build</code> in the folder of Sotto builds it, and then this page is it.</p>
<ul>
<li><a href="/openapi.json">The API</a>, as an OpenAPI document</li>
<li><a href="/health">Health</a>, <a href="/ready">readiness</a>, <a href="/metrics">metrics</a></li>
</ul>
</html>
`
