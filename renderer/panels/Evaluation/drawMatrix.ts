/** Draws a confusion matrix on a canvas: right ones in one colour, mistakes in another, the names where there is room. */
import type { MatrixModel } from './matrixModel.ts'
import type { MatrixView, NameSpace } from './matrixView.ts'

export interface MatrixColors {
  readonly surface: string
  readonly grid: string
  readonly text: string
  readonly faint: string
  readonly right: string
  readonly wrong: string
  readonly focus: string
}

export interface MatrixPicture {
  readonly model: MatrixModel
  readonly view: MatrixView
  readonly width: number
  readonly height: number
  readonly space: NameSpace
  readonly nameOf: (label: number) => string
  readonly isShare: boolean
  /** A cell that is chosen, and a class whose row and column are marked, by their places; -1 for none. */
  readonly chosen: { readonly row: number; readonly column: number } | null
  readonly marked: number
  readonly colors: MatrixColors
}

export function nameFont(): string {
  return `11px ${getComputedStyle(document.body).fontFamily}`
}

const leastNamePx = 13
/** Cells with room for a number such as 100. */
const leastNumberPx = 24
/** A cell with a single mistake can be seen however small it is. */
const leastMarkPx = 2

export function drawMatrix(context: CanvasRenderingContext2D, picture: MatrixPicture): void {
  const { width, height, colors, space } = picture
  context.clearRect(0, 0, width + space.left, height + space.top)
  context.save()
  context.translate(space.left, space.top)
  context.beginPath()
  context.rect(0, 0, width, height)
  context.clip()
  drawCells(context, picture)
  drawMarks(context, picture)
  context.restore()
  context.font = nameFont()
  context.fillStyle = colors.text
  drawNames(context, picture)
}

function drawCells(
  context: CanvasRenderingContext2D,
  { model, view, width, height, ...rest }: MatrixPicture,
): void {
  const { colors, isShare } = rest
  const { rows, columns, counts, totals, labels, mostWrong } = model
  const side = labels.length * view.cell
  const [left, top] = [-view.x * view.cell, -view.y * view.cell]
  context.fillStyle = colors.surface
  context.fillRect(left, top, side, side)
  if (view.cell >= 6)
    drawGrid(context, { left, top, side, cell: view.cell, width, height, color: colors.grid })
  const px = Math.max(view.cell, leastMarkPx)
  const gap = view.cell >= 6 ? 1 : 0
  const most = (row: number): number => (isShare ? Math.max(1, totals[row]!) : Math.max(1, mostWrong))
  // Mistakes last: where cells are smaller than a pixel they must not vanish below the diagonal.
  for (const isDiagonal of [true, false]) {
    context.fillStyle = isDiagonal ? colors.right : colors.wrong
    for (let at = 0; at < rows.length; at++) {
      const [row, column] = [rows[at]!, columns[at]!]
      if ((row === column) !== isDiagonal) continue
      const [x, y] = [(column - view.x) * view.cell, (row - view.y) * view.cell]
      if (x > width || y > height || x + px < 0 || y + px < 0) continue
      const share = isDiagonal ? counts[at]! / Math.max(1, totals[row]!) : counts[at]! / most(row)
      context.globalAlpha = Math.min(1, 0.14 + 0.86 * Math.sqrt(share))
      context.fillRect(x + gap, y + gap, px - gap, px - gap)
    }
  }
  context.globalAlpha = 1
  if (view.cell < leastNumberPx) return
  context.font = nameFont()
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  for (let at = 0; at < rows.length; at++) {
    const [row, column] = [rows[at]!, columns[at]!]
    const [x, y] = [(column + 0.5 - view.x) * view.cell, (row + 0.5 - view.y) * view.cell]
    if (x < 0 || y < 0 || x > width || y > height) continue
    const share = counts[at]! / (row === column ? Math.max(1, totals[row]!) : most(row))
    context.fillStyle = 0.14 + 0.86 * Math.sqrt(share) > 0.55 ? colors.surface : colors.text
    const text = isShare ? shareText(counts[at]! / Math.max(1, totals[row]!)) : `${counts[at]}`
    context.fillText(text, x, y, view.cell - 4)
  }
}

function shareText(share: number): string {
  const percent = Math.round(100 * share)
  return percent === 0 && share > 0 ? '<1' : String(percent)
}

function drawGrid(
  context: CanvasRenderingContext2D,
  grid: {
    left: number
    top: number
    side: number
    cell: number
    width: number
    height: number
    color: string
  },
): void {
  const { left, top, side, cell, width, height, color } = grid
  context.fillStyle = color
  const right = Math.min(width, left + side)
  const bottom = Math.min(height, top + side)
  for (let x = left; x <= left + side + 0.5; x += cell)
    if (x >= -1 && x <= width) context.fillRect(Math.round(x), Math.max(0, top), 1, bottom - Math.max(0, top))
  for (let y = top; y <= top + side + 0.5; y += cell)
    if (y >= -1 && y <= height)
      context.fillRect(Math.max(0, left), Math.round(y), right - Math.max(0, left), 1)
}

function drawMarks(
  context: CanvasRenderingContext2D,
  { view, chosen, marked, colors, model, width, height }: MatrixPicture,
): void {
  context.strokeStyle = colors.focus
  const px = Math.max(view.cell, 3)
  const side = model.labels.length * view.cell
  if (marked >= 0) {
    context.lineWidth = 1
    context.globalAlpha = 0.8
    const [x, y] = [(marked - view.x) * view.cell, (marked - view.y) * view.cell]
    context.strokeRect(-2, y + 0.5, Math.min(width + 4, side - view.x * view.cell + 2), px)
    context.strokeRect(x + 0.5, -2, px, Math.min(height + 4, side - view.y * view.cell + 2))
    context.globalAlpha = 1
  }
  if (chosen === null) return
  const [x, y] = [(chosen.column - view.x) * view.cell, (chosen.row - view.y) * view.cell]
  context.lineWidth = 2
  if (view.cell >= 8) context.strokeRect(x + 1, y + 1, px - 1, px - 1)
  else {
    context.beginPath()
    context.arc(x + px / 2, y + px / 2, 7, 0, 2 * Math.PI)
    context.stroke()
  }
}

/** Every so many names that they do not touch. */
function drawNames(
  context: CanvasRenderingContext2D,
  { model, view, width, height, space, nameOf, chosen, marked, colors }: MatrixPicture,
): void {
  const { labels } = model
  const every = Math.max(1, Math.ceil(leastNamePx / view.cell))
  context.textBaseline = 'middle'
  const isNamed = (place: number, other: number | undefined): boolean =>
    place % every === 0 || place === other || place === marked
  const strong = (place: number, other: number | undefined): boolean => place === other || place === marked
  const near = (place: number, other: number | undefined): boolean =>
    other !== undefined && other >= 0 && place !== other && Math.abs(place - other) < every
  for (let place = 0; place < labels.length; place++) {
    const y = (place + 0.5 - view.y) * view.cell
    if (
      y >= 0 &&
      y <= height &&
      isNamed(place, chosen?.row) &&
      !near(place, chosen?.row) &&
      !near(place, marked)
    ) {
      context.fillStyle = strong(place, chosen?.row) ? colors.focus : colors.text
      context.textAlign = 'right'
      context.fillText(cut(context, nameOf(labels[place]!), space.left - 26), space.left - 6, space.top + y)
    }
    const x = (place + 0.5 - view.x) * view.cell
    if (
      x >= 0 &&
      x <= width &&
      isNamed(place, chosen?.column) &&
      !near(place, chosen?.column) &&
      !near(place, marked)
    ) {
      context.fillStyle = strong(place, chosen?.column) ? colors.focus : colors.text
      context.textAlign = 'left'
      context.save()
      context.translate(space.left + x, space.top - 6)
      context.rotate(-Math.PI / 2)
      context.fillText(cut(context, nameOf(labels[place]!), space.top - 26), 0, 0)
      context.restore()
    }
  }
}

function cut(context: CanvasRenderingContext2D, text: string, px: number): string {
  if (context.measureText(text).width <= px) return text
  let [low, high] = [0, text.length]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (context.measureText(`${text.slice(0, middle)}…`).width <= px) low = middle
    else high = middle - 1
  }
  return `${text.slice(0, low)}…`
}
