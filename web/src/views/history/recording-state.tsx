import { h } from '../../strings/history.ts'
import type { Recording } from './types.ts'

export function RecordingState({ recording }: { readonly recording: Recording }) {
  const { complete, why = '', legalHold } = recording
  return (
    <span class="recording-state">
      <span class={complete ? '' : 'is-incomplete'}>{complete ? h('recordings.complete') : h('recordings.incomplete', { why })}</span>
      {legalHold && <b class="hold">{h('recordings.hold')}</b>}
    </span>
  )
}
