/** What part of a matrix is in sight, in cells: the arithmetic of zooming, moving and pointing. */

export interface MatrixView {
  /** Column and row at the left and upper edge; fractions allowed. */
  readonly x: number
  readonly y: number
  /** Pixels of one cell. */
  readonly cell: number
}

/** Size of the plot in pixels, and how many classes there are. */
export interface MatrixFrame {
  readonly width: number
  readonly height: number
  readonly size: number
}

/** Pixels for the names of rows at the left and of columns above. */
export interface NameSpace {
  readonly left: number
  readonly top: number
}

/** As much as the names need: short ones leave the room to the cells. Above them stand a caption and buttons. */
export function nameSpaceOf(widthOf: (name: string) => number, names: Iterable<string>): NameSpace {
  let longest = 0
  for (const name of names) {
    longest = Math.max(longest, widthOf(name))
    if (longest >= 104) break
  }
  return {
    left: Math.round(Math.min(132, Math.max(40, longest + 28))),
    top: Math.round(Math.min(92, longest + 42)),
  }
}

const largestCell = 64
/** So that the last line of the grid is seen. */
const edgePx = 2

/** Everything in sight. */
export function wholeView({ width, height, size }: MatrixFrame): MatrixView {
  return { x: 0, y: 0, cell: Math.min(largestCell, (Math.min(width, height) - edgePx) / Math.max(1, size)) }
}

/** A view within the matrix: nothing is seen beyond its edges as long as it is larger than the plot. */
export function heldView(view: MatrixView, frame: MatrixFrame): MatrixView {
  const smallest = wholeView(frame).cell
  const cell = Math.min(Math.max(view.cell, smallest), Math.max(largestCell, smallest))
  const within = (value: number, px: number): number =>
    Math.min(Math.max(0, value), Math.max(0, frame.size - px / cell))
  return { x: within(view.x, frame.width), y: within(view.y, frame.height), cell }
}

/** Zooms by a factor; what lies at a place of the plot stays there. */
export function zoomedView(
  view: MatrixView,
  frame: MatrixFrame,
  factor: number,
  atX: number,
  atY: number,
): MatrixView {
  const cell = heldView({ ...view, cell: view.cell * factor }, frame).cell
  return heldView(
    { x: view.x + atX / view.cell - atX / cell, y: view.y + atY / view.cell - atY / cell, cell },
    frame,
  )
}

/** Moves as little as needed to show a cell, larger where it was too small to see. */
export function revealedView(
  view: MatrixView,
  frame: MatrixFrame,
  row: number,
  column: number,
  leastCell = 0,
): MatrixView {
  const cell = Math.max(view.cell, Math.min(leastCell, largestCell))
  const along = (start: number, px: number, place: number): number => {
    const seen = px / cell
    // What becomes larger is put into the middle.
    if (cell !== view.cell) return place + 0.5 - seen / 2
    if (place < start) return place
    return place + 1 > start + seen ? place + 1 - seen : start
  }
  return heldView({ x: along(view.x, frame.width, column), y: along(view.y, frame.height, row), cell }, frame)
}

/** Row and column at a place of the plot; null beyond the matrix. */
export function cellAt(
  view: MatrixView,
  { size }: MatrixFrame,
  px: number,
  py: number,
): { readonly row: number; readonly column: number } | null {
  const [column, row] = [Math.floor(view.x + px / view.cell), Math.floor(view.y + py / view.cell)]
  return row >= 0 && column >= 0 && row < size && column < size ? { row, column } : null
}

/**
 * The cell that holds images within some pixels of a place: what is smaller than a pixel can be pointed at, too. The nearest, and
 * beside the diagonal first.
 */
export function nearestFilled(
  view: MatrixView,
  rows: Int32Array,
  columns: Int32Array,
  px: number,
  py: number,
  reachPx: number,
): { readonly row: number; readonly column: number } | null {
  let [best, least] = [-1, Infinity]
  for (let at = 0; at < rows.length; at++) {
    const x = (columns[at]! + 0.5 - view.x) * view.cell - px
    const y = (rows[at]! + 0.5 - view.y) * view.cell - py
    const distance = Math.hypot(x, y) + (rows[at] === columns[at] ? reachPx / 2 : 0)
    if (distance < least) [best, least] = [at, distance]
  }
  return best < 0 || least > reachPx ? null : { row: rows[best]!, column: columns[best]! }
}
