import Type from 'typebox'
import { choice, optional } from './schemas.ts'

const ms = (description: string) => Type.Number({ description })

const TrackSchema = Type.Object({
  track: Type.String({ description: 'Its name, for `?track=`.' }),
  kind: choice(['track', 'mix']),
  partyId: optional(Type.String({ description: 'Whose voice it is.' })),
  bytes: Type.Integer({ description: 'Of the file.' }),
  durationMs: ms('Of the file.'),
  sha256: optional(
    Type.String({
      description:
        'Of the file, in hexadecimal. There as soon as the file is what it stays: `flac` is WAV until some seconds after the recording.',
    }),
  ),
})

export const RecordingSchema = Type.Object({
  id: Type.String({ description: 'Of the recording.' }),
  callId: Type.String({ description: 'Of the call.' }),
  startedAt: Type.String({ format: 'date-time', description: 'When it began; all its files begin then.' }),
  durationMs: ms('Of the longest file.'),
  format: choice(['wav-g711', 'wav-pcm16', 'flac']),
  tracks: Type.Array(TrackSchema),
  gaps: Type.Array(Type.Object({ fromMs: ms('From its beginning on.'), toMs: ms('Until then.'), why: choice(['paused', 'hole']) }), {
    description: 'Silence, the same in every file, that is not what was said.',
  }),
  complete: Type.Boolean({ description: 'False: it ended before it was told to.' }),
  why: optional(Type.String({ description: 'Why it ended so.' })),
  legalHold: Type.Boolean({ description: 'It cannot be deleted, and no time limit deletes it.' }),
})

export const RecordingPeaksSchema = Type.Object({
  durationMs: ms('Of the longest file.'),
  tracks: Type.Array(
    Type.Object({
      track: Type.String({ description: 'Its name, for `?track=` of the audio.' }),
      kind: choice(['track', 'mix'], { description: '`mix`: all together, where nobody has a file of his own.' }),
      partyId: optional(Type.String({ description: 'Whose voice it is.' })),
      role: optional(choice(['customer', 'agent', 'supervisor', 'participant'])),
      extension: optional(Type.String()),
      agent: optional(Type.String()),
      number: optional(Type.String()),
      name: optional(Type.String()),
      line: optional(Type.String()),
      peaks: Type.Array(Type.Number({ description: 'The greatest amplitude of its part; 1 is full scale.' }), {
        description: 'Of equal parts of the recording, as many as were asked for.',
      }),
    }),
  ),
  gaps: RecordingSchema.properties.gaps,
})

export const RecordingLinkSchema = Type.Object({
  url: Type.String({ format: 'uri', description: 'Needs no credential.' }),
  expiresAt: Type.String({ format: 'date-time', description: 'When it stops working.' }),
})

export const AudioSchema = Type.String({ format: 'binary', description: 'A WAV file, or a FLAC file.' })
