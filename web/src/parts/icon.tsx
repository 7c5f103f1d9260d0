/** Line icons of 16 by 16; the words beside them or the label of their button say what they mean. */
const paths = {
  listen: 'M2.5 10V8a5.5 5.5 0 0 1 11 0v2M2.5 9.5h2v4h-1a1 1 0 0 1-1-1zm11 0h-2v4h1a1 1 0 0 0 1-1z',
  whisper: 'M2.5 4.5h6v5h-3l-2 2v-2h-1zM11 5.5c.8.7.8 2.3 0 3M12.8 4c1.7 1.6 1.7 4.4 0 6',
  'whisper-customer': 'M13.5 4.5h-6v5h3l2 2v-2h1zM5 5.5c-.8.7-.8 2.3 0 3M3.2 4c-1.7 1.6-1.7 4.4 0 6',
  barge: 'M8 2a2 2 0 0 1 2 2v3.5a2 2 0 0 1-4 0V4a2 2 0 0 1 2-2zM3.5 7.5a4.5 4.5 0 0 0 9 0M8 12v2M5.5 14h5',
  'take-over': 'M2.5 5.5h9M9 3l2.5 2.5L9 8M13.5 10.5h-9M7 8l-2.5 2.5L7 13',
  leave: 'M4 4l8 8M12 4l-8 8',
  inbound: 'M12.5 3.5l-8 8M4.5 6v5.5H10',
  outbound: 'M3.5 12.5l8-8M6 4.5h5.5V10',
  internal: 'M2.5 8h11M5 5.5L2.5 8 5 10.5M11 5.5L13.5 8 11 10.5',
  record: 'M8 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7z',
  pause: 'M5.5 4v8M10.5 4v8',
  play: 'M5 3.5v9l7.5-4.5z',
  mute: 'M8 2a2 2 0 0 1 2 2v3.5a2 2 0 0 1-4 0V4a2 2 0 0 1 2-2zM3.5 7.5a4.5 4.5 0 0 0 9 0M8 12v2M2.5 2.5l11 11',
  transfer: 'M2.5 8h10M9 4.5L12.5 8 9 11.5',
  'hang-up': 'M2 9.2c3.4-3.3 8.6-3.3 12 0l-1.4 1.9-2.7-1V8.4a8 8 0 0 0-3.8 0v1.7l-2.7 1z',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.5 10.5l3 3',
  hand: 'M5 8V4.2a1 1 0 0 1 2 0V7M7 7V3a1 1 0 0 1 2 0v4M9 7V3.8a1 1 0 0 1 2 0V9M5 8l-.9-.9a1 1 0 0 0-1.5 1.4L5 12c1 1.3 2 2 3.6 2 2.2 0 3.4-1.6 3.4-4V6a.8.8 0 0 0-1 0',
  help: 'M6 6a2 2 0 1 1 2.8 1.9c-.6.3-.8.6-.8 1.4M8 11.8v.2M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8z',
  light:
    'M8 5.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1',
  dark: 'M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z',
  system: 'M2.5 3.5h11v7h-11zM6 13.5h4M8 10.5v3',
  volume: 'M2.5 6.2v3.6h2.2L8 12.5v-9L4.7 6.2zM10.5 6c.9 1 .9 3 0 4M12.3 4.4c1.8 2 1.8 5.2 0 7.2',
  silent: 'M2.5 6.2v3.6h2.2L8 12.5v-9L4.7 6.2zM10.5 6.5l3 3M13.5 6.5l-3 3',
  plus: 'M8 3.5v9M3.5 8h9',
  alert: 'M8 2.5l6 10.5H2zM8 6.5v3M8 11.3v.2',
  phone: 'M5.2 2.5l1.5 3-1.4 1.3a9 9 0 0 0 3.9 3.9l1.3-1.4 3 1.5v1.7c0 .6-.4 1-1 1A10 10 0 0 1 2.5 3.500a1 1 0 0 1 1-1z',
  person: 'M8 2.5a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.600zM2.8 13.500c.6-2.5 2.6-3.8 5.2-3.800s4.6 1.3 5.2 3.8',
  out: 'M6.5 2.500h-3v11h3M7 8h6.500M11 5.500L13.5 8 11 10.5',
} as const

export type IconName = keyof typeof paths

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
