import type { Call, Party } from '../api/types.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { Meter } from '../parts/meter.tsx'
import { Since } from '../parts/since.tsx'
import { phoneNumber } from '../state/format.ts'
import { isPresent, labelOf, talkers } from '../state/people.ts'
import { doToParty, type PartyAct, removeParty } from '../store/call-acts.ts'
import { isStale } from '../store/live.ts'
import { verbs } from '../store/session.ts'
import { type Key, t } from '../strings/index.ts'

export function PartyList({ call }: { readonly call: Call }) {
  const parties = call.parties.filter((party) => isPresent(party) || call.state === 'ended')
  return (
    <section class="parties" aria-labelledby="parties-title">
      <h3 id="parties-title">{t('parties.title')}</h3>
      <ul>
        {parties.map((party) => (
          <PartyLine key={party.id} call={call} party={party} />
        ))}
      </ul>
    </section>
  )
}

function PartyLine({ call, party }: { readonly call: Call; readonly party: Party }) {
  return (
    <li class={`party-line role-${party.role}`}>
      <span class="person">
        <b class={party.name === undefined ? 'num' : ''}>{labelOf(party)}</b>
        <small>
          {t(`role.${party.role}`)}
          {party.extension !== undefined && ` · ${party.extension}`}
          {party.name !== undefined && party.number !== undefined && ` · ${phoneNumber(party.number)}`}
          {' · '}
          {t(`party.${party.state}`)}
          {party.muted && ` · ${t('party.muted')}`}
          {call.state !== 'ended' && (
            <>
              {' · '}
              <Since at={party.joinedAt} />
            </>
          )}
        </small>
      </span>
      {call.state !== 'ended' && <Meter call={call.id} party={party.id} />}
      {verbs.value.has('control') && call.state !== 'ended' && party.role !== 'supervisor' && <PartyButtons call={call} party={party} />}
    </li>
  )
}

function PartyButtons({ call, party }: { readonly call: Call; readonly party: Party }) {
  const isTalking = party.state === 'talking' || party.state === 'held'
  const name = labelOf(party)
  return (
    <span class="party-buttons">
      {isTalking && (
        <ActButton
          call={call}
          party={party}
          act={party.state === 'held' ? 'unhold' : 'hold'}
          icon={party.state === 'held' ? 'play' : 'pause'}
          isOn={party.state === 'held'}
        />
      )}
      {isTalking && <ActButton call={call} party={party} act={party.muted ? 'unmute' : 'mute'} icon="mute" isOn={party.muted} />}
      {talkers(call).length > 2 && (
        <button
          type="button"
          class="quiet icon-only"
          title={t('act.remove', { name })}
          aria-label={t('act.remove', { name })}
          onClick={() => void removeParty(call.id, party.id)}
        >
          <Icon name="leave" />
        </button>
      )}
    </span>
  )
}

interface ActProperties {
  readonly call: Call
  readonly party: Party
  readonly act: PartyAct
  readonly icon: IconName
  readonly isOn: boolean
}

function ActButton({ call, party, act, icon, isOn }: ActProperties) {
  const words = t(`act.${act}` as Key, { name: labelOf(party) })
  return (
    <button
      type="button"
      class={`quiet icon-only ${isOn ? 'is-on' : ''}`}
      title={words}
      aria-label={words}
      disabled={isStale.value}
      onClick={() => void doToParty(call.id, party.id, act)}
    >
      <Icon name={icon} />
    </button>
  )
}
