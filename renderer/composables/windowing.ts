/** Which rows of a long list are in sight: only those exist in the page, however long the list is. */

export interface RowWindow {
  /** First row to draw. */
  readonly first: number
  /** One past the last row to draw. */
  readonly end: number
  /** Distance of the first drawn row from the top, in pixels. */
  readonly topPx: number
  readonly totalPx: number
}

/** @param spare rows drawn above and below what is seen. */
export function rowWindow(
  rows: number,
  rowPx: number,
  scrollPx: number,
  viewPx: number,
  spare = 6,
): RowWindow {
  const totalPx = rows * rowPx
  const seenFrom = Math.floor(Math.min(Math.max(0, scrollPx), Math.max(0, totalPx - 1)) / rowPx)
  const first = Math.max(0, Math.min(seenFrom, rows) - spare)
  const end = Math.min(rows, seenFrom + Math.ceil(viewPx / rowPx) + 1 + spare)
  return { first, end: Math.max(first, end), topPx: first * rowPx, totalPx }
}
