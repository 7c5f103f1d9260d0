import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { Logo } from '../parts/logo.tsx'
import { wordsOf } from '../store/notices.ts'
import { type Credentials, client, signIn } from '../store/session.ts'
import { t } from '../strings/index.ts'

type Way = 'person' | 'key'

export function SignIn() {
  const way = useSignal<Way>('person')
  const problem = useSignal<string | undefined>(mishapOf(location.search))
  const account = useSignal(lastAccount())
  const busy = useSignal(false)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    busy.value = true
    problem.value = undefined
    const answer = await signIn(credentialsOf(way.value, new FormData(event.currentTarget as HTMLFormElement)))
    busy.value = false
    if (!answer.ok) problem.value = wordsOf(answer.problem)
  }
  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit} aria-labelledby="sign-in-title">
        <Logo size={40} />
        <h1 id="sign-in-title">{t('signIn.title')}</h1>
        <div class="segments" role="group" aria-label={t('signIn.way')}>
          {(['person', 'key'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={way.value === each} onClick={() => (way.value = each)}>
              {t(`signIn.${each}`)}
            </button>
          ))}
        </div>
        {way.value === 'person' ? <PersonFields onAccount={(name) => (account.value = name)} /> : <KeyField />}
        {problem.value && (
          <p class="form-problem" role="alert">
            <Icon name="alert" /> {problem.value}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy.value}>
          {t(busy.value ? 'signIn.busy' : 'signIn.submit')}
        </button>
        <Providers account={account.value} />
      </form>
    </main>
  )
}

function credentialsOf(way: Way, form: FormData): Credentials {
  const field = (name: string): string => String(form.get(name) ?? '').trim()
  if (way === 'key') return { apiKey: field('apiKey') }
  const [account, username, password] = [field('account'), field('username'), String(form.get('password') ?? '')]
  remember(account)
  return account === '' ? { username, password } : { account, username, password }
}

function PersonFields({ onAccount }: { readonly onAccount: (name: string) => void }) {
  return (
    <>
      <label>
        {t('signIn.account')}
        <input
          name="account"
          autocomplete="organization"
          defaultValue={lastAccount()}
          onChange={(event) => onAccount(event.currentTarget.value.trim())}
        />
      </label>
      <label>
        {t('signIn.username')}
        <input name="username" autocomplete="username" required autocapitalize="none" spellcheck={false} />
      </label>
      <label>
        {t('signIn.password')}
        <input name="password" type="password" autocomplete="current-password" required />
      </label>
    </>
  )
}

function KeyField() {
  return (
    <label>
      {t('signIn.apiKey')}
      <input name="apiKey" type="password" autocomplete="off" required spellcheck={false} />
    </label>
  )
}

interface Provider {
  readonly label: string
  readonly url: string
}

/** Offered where the server has one; an account's own is offered to those who name the account. */
function Providers({ account }: { readonly account: string }) {
  const providers = useSignal<readonly Provider[]>([])
  useEffect(() => {
    const named = account === '' ? '' : `?account=${encodeURIComponent(account)}`
    void client.get<{ providers: readonly Provider[] }>(`/session/options${named}`).then((answer) => {
      if (answer.ok) providers.value = answer.value.providers
    })
  }, [account])
  if (providers.value.length === 0) return null
  return (
    <>
      <p class="or">{t('signIn.or')}</p>
      {providers.value.map(({ label, url }) => (
        <a key={url} class="button provider" href={url}>
          {t('signIn.provider', { label })}
        </a>
      ))}
    </>
  )
}

/** An identity provider sends people back with what went wrong. */
function mishapOf(search: string): string | undefined {
  switch (new URLSearchParams(search).get('signIn')) {
    case 'unavailable':
      return t('signIn.unavailable')
    case 'unknown-user':
      return t('signIn.unknown-user')
    case 'refused':
      return t('signIn.refused')
    default:
      return undefined
  }
}

function lastAccount(): string {
  try {
    return localStorage.getItem('sotto.account') ?? ''
  } catch {
    return ''
  }
}

function remember(account: string): void {
  try {
    localStorage.setItem('sotto.account', account)
  } catch {
    // It is typed again next time.
  }
}
