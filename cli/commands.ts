import { end, record, supervise, transfer } from './acts.ts'
import { agents } from './agents.ts'
import { auditVerify } from './audit.ts'
import { backup, restore } from './backup.ts'
import { calls } from './calls.ts'
import type { Command } from './command.ts'
import { doctor } from './doctor.ts'
import { hashPasswordCommand } from './hash-password.ts'
import { hearing } from './hearing.ts'
import { listen } from './listen.ts'
import { phone } from './phone.ts'
import { demo, serve, upgrade } from './start.ts'
import { watch } from './watch.ts'
import { whisper } from './whisper.ts'

export const commands: readonly Command[] = [
  ...[calls, watch, hearing, listen, whisper],
  ...[supervise, transfer, record, end, agents],
  ...[serve, demo, upgrade, doctor, phone],
  ...[backup, restore, auditVerify, hashPasswordCommand],
]
