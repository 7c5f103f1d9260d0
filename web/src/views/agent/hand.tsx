import type { Agent } from '../../api/types.ts'
import { Icon } from '../../parts/icon.tsx'
import { Since } from '../../parts/since.tsx'
import { isStale } from '../../store/live.ts'
import { announce } from '../../store/notices.ts'
import { a } from '../../strings/agent.ts'
import { setHand } from './own.ts'

/** The agent asks for help, and sees that it was seen to. */
export function Hand({ agent }: { readonly agent: Agent }) {
  const { hand } = agent
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget as HTMLFormElement).get('note') ?? '').trim()
    if (await setHand(true, note)) announce(a('hand.raised'))
  }
  const lower = async (): Promise<void> => {
    if (await setHand(false)) announce(a('hand.lowered'))
  }
  return (
    <section class={`card-box hand-card ${hand === undefined ? '' : 'is-up'}`} aria-labelledby="hand-title">
      <h2 id="hand-title">{a('hand.title')}</h2>
      {hand === undefined ? (
        <form class="why" onSubmit={submit}>
          <label>
            {a('hand.note')}
            <input name="note" maxLength={256} autocomplete="off" placeholder={a('hand.note.hint')} />
          </label>
          <button type="submit" disabled={isStale.value || agent.state === 'offline'}>
            <Icon name="hand" /> {a('hand.raise')}
          </button>
        </form>
      ) : (
        <>
          <p class="told">
            <Icon name="hand" /> {a('hand.up')} <Since at={hand.since} />
          </p>
          {hand.note !== undefined && <p>{hand.note}</p>}
          <button type="button" disabled={isStale.value} onClick={() => void lower()}>
            {a('hand.lower')}
          </button>
        </>
      )}
    </section>
  )
}
