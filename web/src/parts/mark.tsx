/** States as shapes: told apart without their colour. */
import type { AgentState, CallState } from '../api/types.ts'

type Shape = 'disc' | 'bars' | 'bell' | 'half' | 'diamond' | 'ring' | 'dash' | 'pause' | 'dots' | 'cross'

const shapes: Readonly<Record<Shape, string>> = {
  disc: 'M6 1.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z',
  bars: 'M1.2 4.500h2v3h-2zM5 1.500h2v9H5zM8.8 3.500h2v5h-2z',
  bell: 'M6 1.200a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.600zm0 1.600a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.400zm0 1.600a1.6 1.6 0 1 1 0 3.2 1.6 1.6 0 0 1 0-3.200z',
  half: 'M6 1.500a4.5 4.5 0 0 1 0 9zM6 1.500a4.5 4.5 0 1 0 0 9V9a3 3 0 0 1 0-6z',
  diamond: 'M6 .8L11.2 6 6 11.2.8 6zm0 2.500L3.3 6 6 8.7 8.7 6z',
  ring: 'M6 1.500a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zm0 1.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  dash: 'M2 5.200h8v1.600H2z',
  pause: 'M2.5 1.500h2.500v9H2.500zM7 1.500h2.500v9H7z',
  dots: 'M1 4.800h2.400v2.400H1zM4.8 4.800h2.400v2.400H4.800zM8.6 4.800H11v2.400H8.600z',
  cross: 'M2.6 1.500L6 4.900l3.4-3.4 1.1 1.100L7.1 6l3.4 3.4-1.1 1.100L6 7.100l-3.4 3.4-1.1-1.100L4.9 6 1.5 2.600z',
}

export const agentShapes: Readonly<Record<AgentState, Shape>> = {
  available: 'disc',
  'on-call': 'bars',
  ringing: 'bell',
  'wrap-up': 'half',
  'pending-disposition': 'diamond',
  away: 'ring',
  offline: 'dash',
}

export const callShapes: Readonly<Record<CallState, Shape>> = {
  queued: 'dots',
  ringing: 'bell',
  active: 'bars',
  held: 'pause',
  ended: 'cross',
}

export function Mark({ shape, tone, label }: { readonly shape: Shape; readonly tone: string; readonly label?: string }) {
  const name = label === undefined ? ({ 'aria-hidden': 'true' } as const) : ({ role: 'img', 'aria-label': label } as const)
  return (
    <svg class={`mark tone-${tone}`} width="12" height="12" viewBox="0 0 12 12" {...name}>
      <path d={shapes[shape]} fill-rule="evenodd" />
    </svg>
  )
}
