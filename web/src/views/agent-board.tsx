import type { Agent } from '../api/types.ts'
import { Icon } from '../parts/icon.tsx'
import { agentShapes, Mark } from '../parts/mark.tsx'
import { Since } from '../parts/since.tsx'
import type { AgentOrder } from '../state/agents.ts'
import { roundDuration } from '../state/format.ts'
import { floor } from '../store/live.ts'
import { agentOrder } from '../store/prefs.ts'
import { agents, openCallId, selected, showCall } from '../store/view.ts'
import { t } from '../strings/index.ts'

const orders: readonly AgentOrder[] = ['name', 'state', 'longest']

export function AgentBoard() {
  return (
    <section class="agents" aria-labelledby="agents-title">
      <header>
        <h2 id="agents-title">{t('agents.title')}</h2>
        <label class="order">
          <span class="visually-hidden">{t('agents.order')}</span>
          <select value={agentOrder.value} onChange={(event) => (agentOrder.value = event.currentTarget.value as AgentOrder)}>
            {orders.map((order) => (
              <option key={order} value={order}>
                {t(`agents.by.${order}`)}
              </option>
            ))}
          </select>
        </label>
      </header>
      {agents.value.length === 0 && <p class="empty">{t('agents.none')}</p>}
      <ul class="board">
        {agents.value.map((agent) => (
          <li key={agent.id}>
            <Tile agent={agent} />
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A press opens the agent's call. */
function Tile({ agent }: { readonly agent: Agent }) {
  const { name, state, since, reason, hand } = agent
  const call = agent.callId !== undefined && floor.value.calls.has(agent.callId) ? agent.callId : undefined
  const open = (): void => {
    selected.value = call
    showCall(call)
  }
  const words = (
    <>
      <span class="line">
        <Mark shape={agentShapes[state]} tone={state} />
        <b class="name">{name}</b>
        {hand !== undefined && <Hand />}
      </span>
      <span class="line state">
        <span class={`word tone-${state}`} title={reason}>
          {t(`agent.${state}`)}
          {reason !== undefined && ` · ${reason}`}
        </span>
        <Since at={since} />
      </span>
      <Facts agent={agent} />
    </>
  )
  const looks = `tile tile-${state} ${hand === undefined ? '' : 'has-hand'}`
  if (call === undefined) return <div class={looks}>{words}</div>
  return (
    <button type="button" class={looks} aria-pressed={openCallId.value === call} onClick={open}>
      {words}
    </button>
  )
}

/** Handled of offered, where some rang in vain; what an agent who asks for help says goes before. */
function Facts({ agent: { hand, tally } }: { readonly agent: Agent }) {
  const talk = roundDuration(tally.talkMs)
  if (hand !== undefined)
    return (
      <span class="line facts asks" title={hand.note}>
        <span class="word">{hand.note ?? t('agents.hand')}</span>
        <Since at={hand.since} />
      </span>
    )
  if (tally.missed === 0) return <span class="line facts">{t('agents.facts', { handled: tally.handled, talk })}</span>
  const offered = tally.handled + tally.missed
  return (
    <span class="line facts" title={t('agents.missed', { missed: tally.missed })}>
      <span class="missed">{t('agents.ofOffered', { handled: tally.handled, offered })}</span> · {talk}
      <span class="visually-hidden">{t('agents.missed', { missed: tally.missed })}</span>
    </span>
  )
}

function Hand() {
  return (
    <span class="hand">
      <Icon name="hand" size={14} />
      <span class="visually-hidden">{t('agents.hand')}</span>
    </span>
  )
}
