import { bounds } from './bounds.ts'
import type { Asked, Command } from './command.ts'
import { exits, wrongUse } from './exits.ts'
import { interruption } from './interrupt.ts'
import { AudioLine } from './line.ts'
import { levelOf, Playout } from './playout.ts'
import { ended, mustLive, supervised } from './supervising.ts'
import { durationOf, meterOf } from './text.ts'
import { type SoundOut, stream, wavFile } from './wav-out.ts'

export const listen: Command = {
  name: 'listen',
  summary: 'Hears a call, into a WAV file or to standard output; nobody in it hears you',
  arguments: ['CALL'],
  options: [
    { name: 'out', value: 'FILE', says: 'where to write 16-bit WAV at 8 kHz; - is standard output; default CALL.wav' },
    { name: 'raw', says: 'with --out -: samples only (16 bits, little-endian, 8 kHz, one channel)' },
    { name: 'seconds', value: 'N', says: 'ends after so long; default when the call ends, or with Ctrl-C' },
    { name: 'force', says: 'replaces the file if it exists' },
  ],
  examples: ['sotto listen 01JD --out call.wav', 'sotto listen 01JD --out - | ffplay -nodisp -autoexit -'],
  isRemote: true,
  async run(asked) {
    const path = asked.text('out')
    if (asked.is('raw') && path !== '-') throw wrongUse('--raw goes with --out -')
    const seconds = asked.number('seconds', { min: 0.1, max: 86_400 })
    const api = asked.api()
    const call = await api.call(asked.arg(0))
    mustLive(call.state, call.id)
    const stop = interruption()
    const isStream = path === '-'
    const file = isStream ? undefined : (path ?? `${call.id}.wav`)
    const out =
      file === undefined
        ? stream((bytes) => asked.out.bytes(bytes), { isRaw: asked.is('raw') })
        : wavFile(file, { mayReplace: asked.is('force') })
    const heard = new Hearing(asked, out, seconds)
    try {
      const line = await AudioLine.open(api, { label: 'sotto listen', ...heard.ears })
      try {
        const supervision = await supervised(api, line, { call: call.id, mode: 'monitor' })
        const reason = await ended(api, line, supervision, AbortSignal.any([stop, heard.enough]))
        const document = {
          call: call.id,
          supervision: supervision.id,
          ...(file === undefined ? {} : { file }),
          ...heard.end(),
          ended: reason ?? 'stopped',
        }
        tell(asked, document, { isStream })
      } finally {
        await line.close()
      }
    } finally {
      heard.end()
      out.close()
    }
    return exits.done
  },
}

interface Report {
  readonly call: string
  readonly file?: string
  readonly seconds: number
  readonly missingMs: number
  readonly ended: string
}

/** Where standard output is audio, the report goes beside it. */
function tell({ out }: Asked, document: Report, { isStream }: { readonly isStream: boolean }): void {
  const missing = document.missingMs === 0 ? '' : `, of which ${document.missingMs} ms did not come through`
  const text = `${document.file ?? document.call}: ${document.seconds.toFixed(1)} s heard${missing} (${document.ended})`
  if (!isStream) out.answer(document, () => text)
  else if (out.isJson) out.toStandardError(JSON.stringify(document))
  else out.note(text)
}

class Hearing {
  readonly #asked: Asked
  readonly #out: SoundOut
  readonly #playout: Playout
  readonly #enough = new AbortController()
  readonly #limit: number
  #samples = 0
  #shownAt = 0
  #isOver = false

  constructor(asked: Asked, out: SoundOut, seconds: number | undefined) {
    this.#asked = asked
    this.#out = out
    this.#limit = seconds === undefined ? Number.POSITIVE_INFINITY : Math.round(seconds * 8_000)
    this.#playout = new Playout((samples) => this.#hear(samples))
  }

  get enough(): AbortSignal {
    return this.#enough.signal
  }

  get ears() {
    const { out } = this.#asked
    return {
      onPacket: (packet: Buffer, law: 'PCMU' | 'PCMA') => this.#isOver || this.#playout.take(packet, law, performance.now()),
      onLost: () => out.note('The audio connection is lost: opening another one …'),
      onRenewed: () => out.note('The audio is back.'),
    }
  }

  /** What was heard; more does not count. */
  end(): { readonly seconds: number; readonly missingMs: number } {
    if (!this.#isOver) this.#playout.end()
    this.#isOver = true
    this.#asked.out.clear()
    return { seconds: this.#samples / 8_000, missingMs: Math.round(this.#playout.missing / 8) }
  }

  #hear(samples: Int16Array): void {
    const wanted = samples.subarray(0, Math.max(0, this.#limit - this.#samples))
    this.#samples += wanted.length
    this.#out.write(wanted)
    if (this.#samples >= this.#limit) this.#enough.abort()
    const now = performance.now()
    if (now - this.#shownAt < bounds.redrawMs) return
    this.#shownAt = now
    const level = levelOf(wanted)
    this.#asked.out.progress(
      `${durationOf(this.#samples / 8)}  ${meterOf(level)} ${level > -100 ? `${level.toFixed(0)} dB` : 'silence'}   Ctrl-C ends`,
    )
  }
}
