/** Amplitudes as the outline of a wave in a box of `peaks.length` by 100. Quiet speech is to be seen, so heights are roots. */
export function wavePath(peaks: readonly number[]): string {
  if (peaks.length === 0) return ''
  const half = peaks.map((peak) => Math.max(0.6, 48 * Math.sqrt(Math.min(1, Math.max(0, peak)))))
  const above = half.map((height, x) => `${x},${round(50 - height)}`)
  const below = half.map((height, x) => `${x},${round(50 + height)}`).reverse()
  return `M${above.join('L')}L${below.join('L')}Z`
}

const round = (value: number): number => Math.round(value * 10) / 10
