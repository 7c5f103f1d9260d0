import { shortcuts } from '../store/prefs.ts'

/** The key that does the same; nothing while shortcuts are off. */
export function Kbd({ of }: { readonly of: string }) {
  return shortcuts.value === 'on' ? <kbd aria-hidden="true">{of}</kbd> : null
}
