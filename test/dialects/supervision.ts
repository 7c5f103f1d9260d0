/** The three modes of supervision in the words of each dialect, for the acts that are about them. */
import assert from 'node:assert/strict'
import type { DialectName } from '../../src/directory/settings.ts'
import { type Act, calls, type NotOffered, nothingThere, phoneCall, type Row, type Scene, types } from './acts.ts'

export type Mode = 'monitor' | 'whisper' | 'barge'

/** Who supervises; VoipNow's user rings Wanda, the others Sara. */
export const supervisorIn = (dialect: DialectName): string => (dialect === 'voipnow' ? '024' : '101')

const words = {
  voipnow: { monitor: 'Monitor', whisper: 'Whisper', barge: 'BargeIn' },
  ringcx: { monitor: 'MONITOR', whisper: 'COACHING', barge: 'BARGEIN' },
  smartflo: { monitor: [1, 'monitoring'], whisper: [2, 'whisper'], barge: [3, 'barge'] },
  yeastar: {
    monitor: ['listen', 'listener', 'listenedext'],
    whisper: ['whisper', 'whisperer', 'whisperedext'],
    barge: ['barge', 'bargein', 'bargedext'],
  },
} as const

export function supervising(mode: Mode): Act & Readonly<Record<Exclude<DialectName, 'newvoicemedia'>, Row>> {
  const [verb, by, of] = words.yeastar[mode]
  const [type, name] = words.smartflo[mode]
  return {
    voipnow: {
      ask: 'PUT /uapi/phoneCalls/12/0003*210/$call',
      headers: { 'Content-Type': 'application/json' },
      body: `{"action":"${words.voipnow[mode]}","sendCallTo":"0003*024","phoneCallViewId":"01"}`,
      status: 202,
      type: types.voipnow,
      says: phoneCall,
    },
    yeastar: {
      ask: `POST /api/v1.1.0/extension/${verb}?token=$token`,
      body: `{"${by}":"101","${of}":"210"}`,
      status: 200,
      type: types.yeastar,
      says: '{"status":"Success"}',
    },
    ringcx: {
      ask: `POST ${calls}/$call/addSessionToCall?destination=+15554150123&sessionType=${words.ringcx[mode]}`,
      status: 200,
      type: 'text/plain',
      says: 'true',
    },
    newvoicemedia: noSupervision(mode),
    smartflo: {
      ask: 'POST /v1/call/options',
      headers: { 'Content-Type': 'application/json' },
      body: `{"type":${type},"call_id":"$call","agent_id":"0502842370097"}`,
      status: 200,
      type: types.smartflo,
      says: `{"success":true,"message":"Call ${name} started"}`,
    },
  }
}

export const noSupervision = (verb: string): NotOffered => ({
  notOffered: 'its calls are supervised through the other dialects',
  attempt: nothingThere.newvoicemedia(verb),
})

/** The rows of the table "Portable semantics", by who speaks from where. */
export function hearingIn(mode: Mode, supervisor: string): Readonly<Record<string, readonly string[]>> {
  const customer = '6501234567'
  const spokenTo = [supervisor, customer].sort()
  return {
    '210': mode === 'monitor' ? [customer] : spokenTo,
    [customer]: mode === 'barge' ? [supervisor, '210'].sort() : ['210'],
    [supervisor]: ['210', customer],
  }
}

/** Nobody is heard before he picks up; then the rows of the mode hold. */
export function assertSupervised(mode: Mode): (scene: Scene) => void {
  return ({ exchange, call, dialect }) => {
    const supervisor = supervisorIn(dialect)
    assert.deepEqual(exchange.hearing(call), { '210': ['6501234567'], '6501234567': ['210'] }, 'before he picks up')
    exchange.answers(supervisor)
    assert.deepEqual(exchange.hearing(call), hearingIn(mode, supervisor))
    assert.equal(exchange.leg(supervisor).autoAnswer, dialect === 'yeastar', 'his phone rings; only these phones answer by themselves')
  }
}
