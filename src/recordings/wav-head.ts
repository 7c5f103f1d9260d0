import { wavHeader, wavHeaderBytes } from '../media/wav.ts'

/** What a WAV file of so many samples of 16 bits at 8 kHz begins with. */
export const wavHead = (samples: number): Uint8Array => wavHeader({ format: 'PCM', channels: 1, sampleRate: 8_000 }, 2 * samples)

export const wavBytes = (samples: number): number => wavHeaderBytes + 2 * samples
