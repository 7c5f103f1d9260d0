/** The floor as it is now, and whether that is known. */
import { batch, computed, signal } from '@preact/signals'
import { EventLink, type EventReader } from '../api/events.ts'
import { LevelsLink } from '../api/levels.ts'
import type { Call, Group, ServerEvent, Supervision } from '../api/types.ts'
import { afterEvent, afterHeader, type ServerClock, unknownClock } from '../state/clock.ts'
import {
  afterCall,
  afterEvents,
  afterGroups,
  afterSnapshot,
  afterSupervision,
  emptyFloor,
  type Floor,
  touchesGroups,
} from '../state/floor.ts'
import { showLevels } from './meters.ts'
import { client } from './session.ts'

export const floor = signal<Floor>(emptyFloor)
/** These change less often than the calls do, and then only who shows them is drawn again. */
export const groups = computed(() => floor.value.groups)
export const agentsById = computed(() => floor.value.agents)

/** `starting`: nothing has been shown yet. `away`: what is shown was right at `asOf`. */
export type LinkState = 'starting' | 'live' | 'away'
export const link = signal<LinkState>('starting')
/** The server's time until which everything is known; of interest while `away`. */
export const asOf = signal(0)
/** The server's time, to the second. It stands still while nothing is known. */
export const now = signal(Date.now())
export const isStale = computed(() => link.value !== 'live')

let clock: ServerClock = unknownClock
const listeners = new Set<(events: readonly ServerEvent[]) => void>()

export const serverNow = (): number => Date.now() + clock.offsetMs

/** What else wants to know of events, such as lines and the hearing matrix. Returns how to stop. */
export function onEvents(listener: (events: readonly ServerEvent[]) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

client.onServerTime = (serverMs) => {
  clock = afterHeader(clock, { serverMs, localMs: Date.now() })
}

const reader: EventReader = {
  snapshot(snapshot) {
    batch(() => {
      floor.value = afterSnapshot(floor.value, snapshot)
      link.value = 'live'
      tick()
    })
    tell([])
  },
  events(events) {
    const newest = events.at(-1)
    if (newest !== undefined) clock = afterEvent(clock, { serverMs: Date.parse(newest.at), localMs: Date.now() })
    floor.value = afterEvents(floor.value, events)
    if (touchesGroups(events)) planGroups()
    tell(events)
  },
  lost() {
    if (link.value !== 'live') return
    batch(() => {
      asOf.value = serverNow()
      link.value = 'away'
    })
    tell([])
  },
}

function tell(events: readonly ServerEvent[]): void {
  for (const listener of listeners) listener(events)
}

/** An answer that brought a call is as good as its event. */
export function learnCall(call: Call): void {
  floor.value = afterCall(floor.value, call)
}

export function learnSupervision(supervision: Supervision): void {
  floor.value = afterSupervision(floor.value, supervision)
}

/** Waiting callers and tallies come in no event: they are read again when they may have changed, once a second at most. */
const groupsAtMostEveryMs = 1_000
let groupsTimer = 0
let groupsRead = 0

function planGroups(): void {
  clearTimeout(groupsTimer)
  groupsTimer = setTimeout(() => void readGroups(), Math.max(80, groupsRead + groupsAtMostEveryMs - Date.now()))
}

async function readGroups(): Promise<void> {
  groupsRead = Date.now()
  const read = await client.all<Group>('/groups')
  if (read.ok && link.value === 'live') floor.value = afterGroups(floor.value, read.value)
}

function tick(): void {
  if (link.value === 'live') now.value = serverNow()
}

let running: { readonly stop: () => void } | undefined
let levels: LevelsLink | undefined

export function start(): void {
  running?.stop()
  const events = new EventLink(client, reader)
  const levelsLink = new LevelsLink(client, showLevels)
  levels = levelsLink
  const ticker = setInterval(tick, 1_000)
  // Tallies begin anew at midnight, and nobody may call just then.
  const minute = setInterval(planGroups, 60_000)
  running = {
    stop() {
      events.close()
      levelsLink.close()
      clearInterval(ticker)
      clearInterval(minute)
      clearTimeout(groupsTimer)
    },
  }
}

export function stop(): void {
  running?.stop()
  running = undefined
  batch(() => {
    floor.value = emptyFloor
    link.value = 'starting'
  })
}

export const watchLevels = (calls: readonly string[]): void => levels?.watch(calls)
