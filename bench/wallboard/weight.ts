/** What a browser loads until the floor is shown, compressed as it is sent, and all that there is of the page. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSotto } from '../../testkit/sotto.ts'
import { Person } from '../../testkit/wallboard-page.ts'
import { supervisorKey } from './desk.ts'

const built = fileURLToPath(new URL('../../web/dist', import.meta.url))

export async function measureWeight(): Promise<object> {
  const sotto = await startSotto()
  const person = await Person.arrive()
  const bytes = new Map<string, number>()
  try {
    const wire = await person.page.context().newCDPSession(person.page)
    const urls = new Map<string, string>()
    await wire.send('Network.enable')
    wire.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url))
    wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const path = new URL(urls.get(requestId) ?? 'none:').pathname
      if (!path.startsWith('/sotto/')) bytes.set(path, encodedDataLength)
    })
    await person.signIn(sotto.http, supervisorKey)
  } finally {
    await person.leave()
    await sotto.stop()
  }
  const floor = [...bytes.values()].reduce((sum, each) => sum + each, 0)
  const whole = wholePage()
  for (const [path, size] of bytes) console.log(`${path.padEnd(40)} ${size.toLocaleString('en').padStart(9)} bytes with its head`)
  console.log(`until the floor is shown ${(floor / 1_000).toFixed(1)} kB; all views, compressed, ${(whole / 1_000).toFixed(1)} kB\n`)
  return { floorBytes: floor, wholeBytes: whole }
}

/** Each file as small as it is sent. */
function wholePage(): number {
  const names = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => !/\.(?:br|gz|map)$/.test(name))
  const sizes = names.map((name) => join(built, name)).filter((path) => statSync(path).isFile())
  return sizes.reduce((sum, path) => sum + (statSync(`${path}.br`, { throwIfNoEntry: false }) ?? statSync(path)).size, 0)
}
