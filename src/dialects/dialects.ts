/** The door of this folder: all dialects, ready to be mounted on the HTTP server. */
import { DiscreetDesk } from '../control/discreet-desk.ts'
import { discreetShelf } from '../control/discretion.ts'
import type { DialectName, DialectSettings } from '../directory/settings.ts'
import { dialectNames } from '../directory/settings.ts'
import { Idempotency } from '../http/idempotency.ts'
import { LoginLock } from '../http/login-lock.ts'
import { forgetful, type Memories } from '../http/memory.ts'
import type { AccountId } from '../kernel/ids.ts'
import { limits } from '../kernel/limits.ts'
import type { Dialect, House } from './dialect.ts'
import { type DialectSurface, mountDialect } from './mount.ts'
import { newvoicemedia } from './newvoicemedia/door.ts'
import { openapiSurface } from './openapi.ts'
import { ringcx } from './ringcx/door.ts'
import { type Mounted, type Signpost, signpost } from './signpost.ts'
import { smartflo } from './smartflo/door.ts'
import { SubscriptionBook } from './subscriptions.ts'
import { TokenBook } from './tokens.ts'
import { voipnow } from './voipnow/door.ts'
import { yeastar } from './yeastar/door.ts'

/** In the order in which they are asked whether a path is theirs (W2). */
const doors: Readonly<Record<DialectName, (house: House) => Dialect>> = { voipnow, yeastar, ringcx, newvoicemedia, smartflo }

export interface Dialects {
  readonly surfaces: readonly DialectSurface[]
  readonly signpost: Signpost
  /** Begins to send events out; the returned function ends it. */
  start(): () => void
}

export type Needs = Omit<House, 'untoldDesk' | 'tokens' | 'subscriptions' | 'idempotency' | 'loginLock'> & {
  /** What is kept over a restart; nothing where absent. */
  readonly memory?: Memories
}

export function openDialects(needs: Needs): Dialects {
  const { memory = forgetful, ...rest } = needs
  const house: House = {
    ...rest,
    untoldDesk: new DiscreetDesk(needs.desk, tellsAgents(needs)),
    tokens: new TokenBook(needs.random, memory('dialect-tokens')),
    subscriptions: new SubscriptionBook(memory('subscriptions')),
    idempotency: new Idempotency({ keepMs: limits.idempotencyMs, most: limits.idempotencyKeys }, memory('dialect-idempotency')),
    loginLock: new LoginLock({
      failures: limits.dialectLoginFailures,
      windowMs: limits.dialectLoginWindowMs,
      sources: limits.loginSources,
    }),
  }
  fillSubscriptions(house)
  const enabled = dialectNames.filter((name) => needs.settings[name].enabled)
  const mounted = enabled.map((name) => mount(doors[name](house), needs.settings))
  const untold = enabled.map((name) => doors[name](untoldHouse(house)))
  const all = mounted.map(({ dialect }) => dialect)
  return {
    surfaces: [
      ...mounted.map(({ dialect, prefix }, i) => mountDialect(dialect, { ...house, prefix }, untold[i])),
      openapiSurface(all, house),
    ],
    signpost: signpost(mounted),
    start: () => {
      const stops = all.flatMap((dialect) => dialect.start?.() ?? [])
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

/** For agents' credentials: what is read there knows of supervision only what their account tells agents. */
const untoldHouse = (house: House): House => ({ ...house, desk: house.untoldDesk, shelf: discreetShelf(house.shelf, tellsAgents(house)) })

const tellsAgents =
  ({ directory }: Pick<House, 'directory'>) =>
  (id: AccountId): boolean =>
    directory.account(id)?.supervision.visibleToAgents === true

/** What the configuration says for the vendors whose clients say it in a portal. */
function fillSubscriptions({ directory, subscriptions, clock }: House): void {
  for (const { id: account, receivers } of directory.accounts) {
    for (const [i, { dialect, template, ...texts }] of receivers.entries()) {
      const fields = template === undefined ? texts : { ...texts, template: JSON.stringify(template) }
      subscriptions.put({ id: `configured-${account}-${i}`, dialect, account, modified: clock(), fields })
    }
  }
}

function mount(dialect: Dialect, settings: DialectSettings): Mounted {
  const { hosts, prefix = '' } = settings[dialect.name]
  return { dialect, hosts, prefix: prefix.split('/').filter((part) => part !== '') }
}
