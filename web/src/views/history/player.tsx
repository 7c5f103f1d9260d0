/** A recording: every voice as a wave, all under one play head. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Problem } from '../../api/types.ts'
import { Icon } from '../../parts/icon.tsx'
import { duration } from '../../state/format.ts'
import { wordsOf } from '../../store/notices.ts'
import { client, verbs } from '../../store/session.ts'
import { h } from '../../strings/history.ts'
import { Moment } from './list.tsx'
import { go, hashTo } from './place.ts'
import { Playback, type Source, speeds } from './playback.ts'
import { RecordingState } from './recording-state.tsx'
import type { Peaks, Recording } from './types.ts'
import { Waves } from './waves.tsx'

const points = 600

export function RecordingPlayer({ id, titles }: { readonly id: string; readonly titles: ReadonlyMap<string, string> }) {
  const { recording, peaks, problem } = useRecording(id)
  const who = recording === undefined ? '…' : (titles.get(recording.callId) ?? recording.callId)
  return (
    <section class="player" aria-labelledby="player-title">
      <header class="player-head">
        <h2 id="player-title">{problem?.status === 404 ? h('player.unknown') : h('player.title', { who })}</h2>
        {recording !== undefined && (
          <p class="facts">
            <Moment at={recording.startedAt} />
            <RecordingState recording={recording} />
            <a href={hashTo({ section: 'calls', id: recording.callId })}>{h('audit.openCall')}</a>
          </p>
        )}
        <button type="button" class="quiet icon-only" aria-label={h('player.close')} onClick={() => go({ id: undefined })}>
          <Icon name="leave" />
        </button>
      </header>
      {!verbs.value.has('listen-recordings') && <p class="empty">{h('recordings.mayNot')}</p>}
      {problem !== undefined && problem.status !== 404 && (
        <p class="form-problem" role="alert">
          {wordsOf(problem)}
        </p>
      )}
      {recording !== undefined && peaks !== undefined && <Player recording={recording} peaks={peaks} />}
    </section>
  )
}

function useRecording(id: string) {
  const recording = useSignal<Recording | undefined>(undefined)
  const peaks = useSignal<Peaks | undefined>(undefined)
  const problem = useSignal<Problem | undefined>(undefined)
  useEffect(() => {
    const at = `/recordings/${encodeURIComponent(id)}`
    const read = async (): Promise<void> => {
      const found = await client.get<Recording>(at)
      if (found.ok) recording.value = found.value
      else problem.value = found.problem
      if (!found.ok || !verbs.peek().has('listen-recordings')) return
      const drawn = await client.get<Peaks>(`${at}/peaks?points=${points}`)
      if (drawn.ok) peaks.value = drawn.value
      else problem.value = drawn.problem
    }
    void read()
  }, [id])
  return { recording: recording.value, peaks: peaks.value, problem: problem.value }
}

const audioUrl = (id: string, track: string | undefined): string =>
  `/sotto/v1/recordings/${encodeURIComponent(id)}/audio${track === undefined ? '' : `?track=${encodeURIComponent(track)}`}`

function Player({ recording, peaks }: { readonly recording: Recording; readonly peaks: Peaks }) {
  const { id, tracks } = recording
  const playback = useMemo(
    () =>
      new Playback({
        durationMs: peaks.durationMs,
        voices: peaks.tracks.filter(({ kind }) => kind === 'track').map(({ track }) => track),
        hasMix: tracks.some(({ kind }) => kind === 'mix'),
        urlOf: (track) => audioUrl(id, track),
      }),
    [id, peaks],
  )
  useEffect(() => () => playback.close(), [playback])
  return (
    <>
      <Transport playback={playback} recording={recording} />
      {playback.isBroken.value && (
        <p class="form-problem" role="alert">
          {h('player.broken')}
        </p>
      )}
      <Waves playback={playback} peaks={peaks} downloadOf={(track) => audioUrl(id, track)} />
    </>
  )
}

const stepSeconds = 10

function Transport({ playback, recording }: { readonly playback: Playback; readonly recording: Recording }) {
  const isPlaying = playback.isPlaying.value
  const mix = recording.tracks.find(({ kind }) => kind === 'mix')
  const hasVoices = recording.tracks.some(({ kind }) => kind === 'track')
  return (
    <div class="transport">
      <button type="button" class="icon-only" aria-label={h('player.back')} onClick={() => playback.seek(playback.at.value - stepSeconds)}>
        −10
      </button>
      <button type="button" class="primary" onClick={() => playback.toggle()}>
        <Icon name={isPlaying ? 'pause' : 'play'} /> {h(isPlaying ? 'player.pause' : 'player.play')}
      </button>
      <button type="button" class="icon-only" aria-label={h('player.on')} onClick={() => playback.seek(playback.at.value + stepSeconds)}>
        +10
      </button>
      <Clock playback={playback} />
      {mix !== undefined && hasVoices && <SourceSwitch playback={playback} />}
      <label class="speed">
        {h('player.speed')}
        <select value={playback.speed.value} onChange={(event) => playback.setSpeed(Number(event.currentTarget.value))}>
          {speeds.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      {mix !== undefined && (
        <a class="button small" href={audioUrl(recording.id, mix.track)} download={`${recording.id}.${suffixOf(recording)}`}>
          {h('player.download', { name: h('player.mix') })}
        </a>
      )}
    </div>
  )
}

const suffixOf = ({ format }: Pick<Recording, 'format'>): string => (format === 'flac' ? 'flac' : 'wav')

function Clock({ playback }: { readonly playback: Playback }) {
  return (
    <span class="player-clock num">
      {duration(playback.at.value * 1000)} <small>/ {duration(playback.length * 1000)}</small>
    </span>
  )
}

function SourceSwitch({ playback }: { readonly playback: Playback }) {
  return (
    <div class="segments" role="group" aria-label={h('player.source')}>
      {(['voices', 'mix'] as const satisfies readonly Source[]).map((source) => (
        <button key={source} type="button" aria-pressed={playback.source.value === source} onClick={() => playback.setSource(source)}>
          {h(`player.${source}`)}
        </button>
      ))}
    </div>
  )
}
