import { useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { giveKeysBack } from './keys.ts'
import { Notices } from './parts/notices.tsx'
import { isStale, link } from './store/live.ts'
import { session } from './store/session.ts'
import { place } from './store/view.ts'
import { t } from './strings/index.ts'
import { Dock, MicBar } from './views/dock.tsx'
import { Floor } from './views/floor.tsx'
import { Overlays } from './views/overlays.tsx'
import { firstPage, pages } from './views/pages.ts'
import { SignIn } from './views/sign-in.tsx'
import { TopBar } from './views/top-bar.tsx'

export function App() {
  const current = session.value
  if (current === undefined) return <p class="starting">{t('link.starting')}</p>
  if (current === null) return <SignIn />
  return (
    <div class={`shell ${isStale.value && link.value === 'away' ? 'is-stale' : ''}`} onClick={giveKeysBack}>
      <TopBar />
      <MicBar />
      <main id="main">
        <Page />
      </main>
      <Dock />
      <Overlays />
      <Notices />
    </div>
  )
}

function Page() {
  const { page } = place.value
  if (page === 'floor') return <Floor />
  const load = Object.entries(pages).find(([name]) => name === page)?.[1]
  return load === undefined ? <p class="empty">{t('page.unknown')}</p> : <Loaded key={page} load={load} />
}

function Loaded({ load }: { readonly load: (typeof pages)['history'] }) {
  const shown = useSignal<{ readonly Page: ComponentType } | 'failed' | undefined>(undefined)
  useEffect(() => {
    void load().then(
      (module) => {
        shown.value = { Page: module.default }
      },
      () => {
        shown.value = 'failed'
      },
    )
  }, [])
  if (shown.value === 'failed') return <NotLoaded />
  if (shown.value === undefined) return <p class="starting">{t('link.starting')}</p>
  const { Page: Found } = shown.value
  return <Found />
}

/** The server was renewed since this page was loaded, and has other files now. When to load anew is for him to say who may be speaking. */
function NotLoaded() {
  return (
    <p class="empty" role="alert">
      {t('page.failed')}{' '}
      <button type="button" onClick={() => location.reload()}>
        {t('page.reload')}
      </button>
    </p>
  )
}

/** An agent who comes without an address is led to his own page. */
export function chooseFirstPage(): void {
  const current = session.value
  if (current && location.hash === '' && firstPage(current.role) !== 'floor') location.hash = `#/${firstPage(current.role)}`
}
