/** 4PSA VoipNow's UnifiedAPI, v3 and v5 (contract voipnow). */
import type { Dialect, House } from '../dialect.ts'
import { startEvents } from './events.ts'
import { Apps, identify } from './login.ts'
import { refuseWith } from './refusals.ts'
import { routesOf } from './routes.ts'

export function voipnow(house: House): Dialect {
  const apps = new Apps(house.directory)
  return {
    name: 'voipnow',
    title: '4PSA VoipNow UnifiedAPI',
    place,
    routes: routesOf(house, apps),
    identify: (sent) => identify(house, sent),
    isOpen: ([first]) => first === 'oauth',
    refuse: refuseWith(house.settings.voipnow),
    start: () => startEvents(house),
  }
}

/** `/unifiedapi` is `/uapi`; the other aliases are spellings of single segments. */
function place(segments: readonly string[]): readonly string[] | undefined {
  const [first, second, ...rest] = segments
  if (first === 'oauth') return ['oauth', ...(second === undefined ? [] : [pages.get(second) ?? second]), ...rest]
  if (first !== 'uapi' && first !== 'unifiedapi') return undefined
  if (second === 'phoneCall') return ['uapi', 'phoneCalls', ...rest]
  if (second === 'extensions' && rest[2] === 'queueAgent')
    return ['uapi', 'extensions', ...rest.slice(0, 2), 'queue', 'agents', ...rest.slice(3)]
  return ['uapi', ...segments.slice(1)]
}

const pages: ReadonlyMap<string, string> = new Map([
  ['token', 'token.php'],
  ['authorize', 'authorize.php'],
])
