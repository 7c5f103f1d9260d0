/** Who hears whom: a row for each who listens, a column for each who talks, as the mixer confirmed it. */
import type { Call, Party } from '../api/types.ts'
import { Icon } from '../parts/icon.tsx'
import { Meter } from '../parts/meter.tsx'
import type { Cell, HearingRow } from '../state/hearing.ts'
import { labelOf } from '../state/people.ts'
import { matrixOfCall } from '../store/hearing.ts'
import { t } from '../strings/index.ts'

export function HearingGrid({ call }: { readonly call: Call }) {
  const rows = matrixOfCall(call)
  if (rows.length < 2) return null
  const isUnknown = rows.some(({ cells }) => cells.some(({ cell }) => cell === 'unknown'))
  return (
    <section class="hearing" aria-labelledby="hearing-title">
      <h3 id="hearing-title">
        {t('hearing.title')}
        <span class={`confirmed ${isUnknown ? 'is-unknown' : ''}`}>{t(isUnknown ? 'hearing.unknown' : 'hearing.confirmed')}</span>
      </h3>
      <table class={isUnknown ? 'is-unknown' : ''}>
        <thead>
          <tr>
            <td class="corner" aria-hidden="true">
              {t('hearing.corner')}
            </td>
            {rows.map(({ listener }) => (
              <th key={listener.id} scope="col" title={labelOf(listener)}>
                {shortOf(listener)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.listener.id} call={call} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({ call, row: { listener, cells } }: { readonly call: Call; readonly row: HearingRow }) {
  return (
    <tr>
      <th scope="row" title={labelOf(listener)}>
        {shortOf(listener)}
      </th>
      {cells.map(({ talker, cell }) => (
        <td key={talker.id} class={`cell cell-${cell}`}>
          <CellSign cell={cell} listener={labelOf(listener)} talker={labelOf(talker)} />
          {cell === 'hears' && <Meter call={call.id} party={talker.id} />}
        </td>
      ))}
    </tr>
  )
}

function CellSign({ cell, listener, talker }: { readonly cell: Cell; readonly listener: string; readonly talker: string }) {
  if (cell === 'self') return null
  return (
    <>
      {cell === 'hears' && <Icon name="volume" size={14} />}
      <span class="visually-hidden">{t(`hearing.${cell}`, { listener, talker })}</span>
    </>
  )
}

const shortOf = (party: Party): string =>
  party.role === 'customer' ? t('role.customer') : ((party.name ?? labelOf(party)).split(' ')[0] ?? '')
