/** Level meters move beside the page's own rhythm: four times a second, by a transform and nothing else. */
import type { Levels } from '../api/levels.ts'
import { meterShare } from '../state/format.ts'

interface Meter {
  readonly call: string
  readonly party: string
  readonly element: HTMLElement
  shown: string
}

const meters = new Set<Meter>()
let latest: Levels = {}

/** Returns how to take it away again. */
export function addMeter(element: HTMLElement, { call, party }: { readonly call: string; readonly party: string }): () => void {
  const meter: Meter = { call, party, element, shown: '' }
  meters.add(meter)
  show(meter)
  return () => meters.delete(meter)
}

export function showLevels(levels: Levels): void {
  latest = levels
  for (const meter of meters) show(meter)
}

function show(meter: Meter): void {
  const share = meterShare(latest[meter.call]?.[meter.party]).toFixed(2)
  if (share === meter.shown) return
  meter.shown = share
  meter.element.style.transform = `scaleX(${share})`
}
