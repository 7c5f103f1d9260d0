/** The agent's own page: his phone, his state, his hand, and what came of the call. */
import '../../../style/agent.css'
import { useEffect } from 'preact/hooks'
import { a } from '../../strings/agent.ts'
import { t } from '../../strings/index.ts'
import { WrapUp } from '../wrap-up.tsx'
import { Day, Queues } from './day.tsx'
import { Hand } from './hand.tsx'
import { listenToAgentKeys } from './keys.ts'
import { findOwedCall, owedCall, ownAgent, ownCall } from './own.ts'
import { Phone } from './phone.tsx'
import { extension, keepPhone } from './softphone.ts'
import { StateCard } from './state.tsx'

export default function AgentPage() {
  useEffect(keepPhone, [])
  useEffect(listenToAgentKeys, [])
  const agent = ownAgent.value
  if (extension.value === undefined)
    return (
      <section class="page">
        <h1>{t('nav.agent')}</h1>
        <p class="empty">{a('noAgent')}</p>
      </section>
    )
  return (
    <section class="desk" aria-labelledby="desk-title">
      <h1 id="desk-title" class="visually-hidden">
        {t('nav.agent')}
      </h1>
      <div class="desk-main">
        <Phone />
        <Outcome />
      </div>
      {agent !== undefined && (
        <div class="desk-side">
          <StateCard agent={agent} />
          <Hand agent={agent} />
          <Day agent={agent} />
          <Queues agent={agent} />
        </div>
      )}
    </section>
  )
}

/** While the call lasts as well: notes are taken when something is said. */
function Outcome() {
  const state = ownAgent.value?.state
  const call = ownCall.value ?? owedCall.value
  const isOwed = state === 'wrap-up' || state === 'pending-disposition'
  useEffect(() => {
    if (isOwed && owedCall.peek() === undefined) void findOwedCall()
  }, [isOwed])
  if (call === undefined || (call.answeredAt === undefined && !isOwed)) return null
  return (
    <section class="card-box">
      <WrapUp key={call.id} call={call} />
    </section>
  )
}
