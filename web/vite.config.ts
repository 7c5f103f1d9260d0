import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/** For work on the page: the server whose API it shows. */
const server = process.env.SOTTO_HTTP ?? 'http://127.0.0.1:8080'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2023', outDir: 'dist', emptyOutDir: true, reportCompressedSize: true, modulePreload: { polyfill: false } },
  server: { proxy: { '/sotto': { target: server, ws: true }, '/health': server, '/sip': { target: server, ws: true } } },
})
