/** How far a key goes in a grid, and how many columns it has. */

/** @param widthPx inside the grid, its padding of 8 pixels on each side included */
export function tileColumns(widthPx: number, tilePx: number, gapPx: number): number {
  return Math.max(1, Math.floor((widthPx - 16 + gapPx) / (tilePx + gapPx)))
}

/** @returns places to go, or null for a key that does not move */
export function stepOf(key: string, columns: number, rows: number, total: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    PageUp: -columns * rows,
    PageDown: columns * rows,
    Home: -total,
    End: total,
  }
  return steps[key] ?? null
}
