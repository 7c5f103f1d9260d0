/** `npm run docs`: writes docs/permissions.md anew. */
import { writeFileSync } from 'node:fs'
import { Exchange } from '../../testkit/exchange.ts'
import { documentOf } from './table.ts'

const exchange = await Exchange.open()
const { json } = await exchange.ask('GET /openapi.json')
writeFileSync(new URL('../../docs/permissions.md', import.meta.url), documentOf(json))
await exchange.close()
