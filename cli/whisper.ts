import { readFileSync, statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { encode } from '../src/media/g711.ts'
import { modes } from './acts.ts'
import { bounds } from './bounds.ts'
import { textOrRefuse } from './calls.ts'
import type { Command } from './command.ts'
import { exits, Failure, reasonOf } from './exits.ts'
import { interruption } from './interrupt.ts'
import { AudioLine } from './line.ts'
import type { Out } from './out.ts'
import { frameSamples } from './peer.ts'
import { toTelephone } from './resample.ts'
import { ended, mustLive, supervised } from './supervising.ts'
import { durationOf } from './text.ts'
import { readSound } from './wav-in.ts'

export const whisper: Command = {
  name: 'whisper',
  summary: 'Plays a file to somebody in a call, and to nobody else',
  arguments: ['CALL'],
  options: [
    { name: 'file', value: 'WAV', says: 'what is said: PCM, float, A-law or µ-law of any rate, mono or more' },
    { name: 'to', value: 'WHOM', says: 'who hears it: agent, customer or the id of a party; default agent' },
    { name: 'mode', value: 'MODE', says: 'whisper, or barge: everybody hears it; default whisper' },
  ],
  examples: ['sotto whisper 01JD --file hint.wav', 'sotto whisper 01JD --file sorry.wav --to customer'],
  isRemote: true,
  async run(asked) {
    const file = textOrRefuse(asked.text('file'), '--file')
    const mode = asked.choice('mode', modes.slice(1)) ?? 'whisper'
    const samples = samplesIn(file)
    const api = asked.api()
    const call = await api.call(asked.arg(0))
    mustLive(call.state, call.id)
    const stop = interruption()
    const line = await AudioLine.open(api, {
      label: `sotto ${mode}`,
      onLost: () => asked.out.note('The audio connection is lost: opening another one …'),
    })
    try {
      const supervision = await supervised(api, line, { call: call.id, mode, target: asked.text('to') })
      const over = new AbortController()
      const end = ended(api, line, supervision, AbortSignal.any([stop, over.signal])).finally(() => over.abort())
      const played = await play(samples, line, { out: asked.out, signal: AbortSignal.any([stop, over.signal]) })
      if (played === samples.length) await pause(bounds.tailMs)
      over.abort()
      const reason = await end
      const document = { call: call.id, supervision: supervision.id, file, mode, seconds: seconds(played), of: seconds(samples.length) }
      if (played < samples.length && !stop.aborted)
        throw new Failure(exits.failed, `after ${document.seconds} of ${document.of} s it was over: ${reason ?? 'ended'}`, document)
      asked.out.answer(document, () => `${file}: ${document.seconds} of ${document.of} s played in ${call.id}`)
    } finally {
      await line.close()
    }
    return exits.done
  },
}

const seconds = (samples: number): number => Math.round(samples / 80) / 100

export function samplesIn(file: string): Int16Array {
  const sound = readSound(bytesIn(file))
  if (!sound.ok) throw new Failure(exits.usage, `${file} cannot be played: ${sound.error}`)
  return toTelephone(sound.value.samples, sound.value.rate)
}

function bytesIn(file: string): Uint8Array {
  try {
    const { size } = statSync(file)
    if (size > bounds.wavBytes) throw new Error(`it has ${size} bytes, and ${bounds.wavBytes} is the most`)
    return readFileSync(file)
  } catch (error) {
    throw new Failure(exits.usage, `${file} cannot be read: ${reasonOf(error)}`)
  }
}

/** Resolves to how many samples have left, one frame each 20 ms by the clock: what is late is caught up. */
async function play(
  samples: Int16Array,
  line: AudioLine,
  { out, signal }: { readonly out: Out; readonly signal: AbortSignal },
): Promise<number> {
  const startedAt = performance.now()
  let sent = 0
  while (sent < samples.length && !signal.aborted) {
    const due = Math.floor((performance.now() - startedAt) / 20) * frameSamples + frameSamples
    while (sent < Math.min(due, samples.length)) {
      const frame = new Int16Array(frameSamples)
      frame.set(samples.subarray(sent, sent + frameSamples))
      line.send(encode(line.law, frame))
      sent = Math.min(samples.length, sent + frameSamples)
    }
    if (sent % 8_000 < frameSamples) out.progress(`${durationOf(sent / 8)} of ${durationOf(samples.length / 8)}`)
    await pause(startedAt + (sent / frameSamples) * 20 - performance.now(), undefined, { signal }).catch(() => {})
  }
  out.clear()
  return sent
}
