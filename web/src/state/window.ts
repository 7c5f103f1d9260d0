/** Which rows of a long list are drawn. */
export interface Viewport {
  readonly scrollTop: number
  readonly height: number
  readonly rowHeight: number
  readonly count: number
}

export interface RowRange {
  readonly first: number
  /** One past the last. */
  readonly end: number
}

const overscan = 6

export function rowsIn({ scrollTop, height, rowHeight, count }: Viewport): RowRange {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTop / rowHeight)) - overscan)
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + overscan)
  return { first: Math.min(first, end), end }
}

/** Where to scroll so that a row is whole in sight; where it is, if it is. */
export function scrollTo(row: number, { scrollTop, height, rowHeight }: Viewport): number {
  const top = row * rowHeight
  if (top < scrollTop) return top
  return top + rowHeight > scrollTop + height ? top + rowHeight - height : scrollTop
}
