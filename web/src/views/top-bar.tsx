import { leaveTheHouse } from '../app-life.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Kbd } from '../parts/kbd.tsx'
import { Logo } from '../parts/logo.tsx'
import { asOf, link } from '../store/live.ts'
import { device, type Theme, theme } from '../store/prefs.ts'
import { session } from '../store/session.ts'
import { overlay, place, text } from '../store/view.ts'
import { t } from '../strings/index.ts'
import { type PageName, pageNames } from './pages.ts'

export function TopBar() {
  return (
    <header class="top-bar">
      <a class="skip" href="#main" onClick={skip}>
        {t('nav.skip')}
      </a>
      <a class="brand" href="#/" aria-label={t('nav.home')}>
        <Logo size={24} />
        <span>Sotto</span>
      </a>
      <nav aria-label={t('nav.label')}>
        {pageNames.map((page) => (
          <NavLink key={page} page={page} />
        ))}
      </nav>
      {place.value.page === 'floor' && <Search />}
      <LinkBadge />
      <Tools />
    </header>
  )
}

/** The address belongs to the page's own places, so the link only moves the focus. */
function skip(event: MouseEvent): void {
  event.preventDefault()
  document.querySelector<HTMLElement>('#main [role=row][tabindex="0"], #main button, #main a, #main input')?.focus()
}

function NavLink({ page }: { readonly page: PageName }) {
  const isHere = place.value.page === page
  return (
    <a href={page === 'floor' ? '#/' : `#/${page}`} aria-current={isHere ? 'page' : undefined}>
      {t(`nav.${page}`)}
    </a>
  )
}

function Search() {
  return (
    <div class="search" role="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        placeholder={t('floor.search')}
        aria-label={t('floor.search')}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
        spellcheck={false}
        autocomplete="off"
      />
      <Kbd of="/" />
    </div>
  )
}

/** Says in so many words whether what is shown is so now. */
function LinkBadge() {
  const state = link.value
  const time = state === 'away' ? new Date(asOf.value).toLocaleTimeString() : ''
  return (
    <p class={`link link-${state}`} role="status">
      <i aria-hidden="true" />
      {t(`link.${state}`, { time })}
    </p>
  )
}

const nextTheme: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }
const themeIcons: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'light', dark: 'dark' }

function Tools() {
  const current = session.value
  const phone = current?.extensions[0]
  return (
    <div class="tools">
      {phone !== undefined && (
        <button
          type="button"
          class="quiet icon-only"
          aria-label={t(`device.${device.value}`, { phone })}
          title={t(`device.${device.value}`, { phone })}
          onClick={() => (device.value = device.value === 'browser' ? 'phone' : 'browser')}
        >
          <Icon name={device.value === 'browser' ? 'listen' : 'phone'} />
        </button>
      )}
      <button
        type="button"
        class="quiet icon-only"
        aria-label={t(`theme.${theme.value}`)}
        title={t(`theme.${theme.value}`)}
        onClick={() => (theme.value = nextTheme[theme.value])}
      >
        <Icon name={themeIcons[theme.value]} />
      </button>
      <button
        type="button"
        class="quiet icon-only"
        aria-label={t('help.title')}
        title={t('help.title')}
        onClick={() => (overlay.value = { kind: 'help' })}
      >
        <Icon name="help" />
      </button>
      <span class="who">
        <b>{current?.name}</b>
        <small>{current?.account.name}</small>
      </span>
      <button type="button" class="quiet icon-only" aria-label={t('signOut')} title={t('signOut')} onClick={() => void leaveTheHouse()}>
        <Icon name="out" />
      </button>
    </div>
  )
}
