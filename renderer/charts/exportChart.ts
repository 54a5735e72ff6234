/** A chart as a file: a picture with its title and legend, as pixels or as SVG, and its values as CSV. */
import { canvasPen } from './canvasPen.ts'
import { paint, type Picture } from './paint.ts'
import type { Pen } from './pen.ts'
import { svgPen } from './svgPen.ts'

export interface ChartSheet {
  readonly title: string
  /** Whose curves they are; empty where the legend says it. */
  readonly subject: string
  /** The name of the x axis. */
  readonly axis: string
  /** Entries of the legend. */
  readonly legend: readonly { readonly label: string; readonly color: string; readonly isDashed: boolean }[]
  readonly background: string
  readonly picture: (widthPx: number, heightPx: number) => Picture
}

const [widthPx, heightPx] = [1200, 640]
/** Room below for the name of the x axis. */
const axisPx = 22
const pngScale = 2

/** @throws Error when the browser has no canvas to draw on. */
export async function chartPng(sheet: ChartSheet): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = widthPx * pngScale
  canvas.height = heightPx * pngScale
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser gives no canvas to draw on')
  context.scale(pngScale, pngScale)
  paintSheet(canvasPen(context), sheet)
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      blob => (blob ? resolve(blob) : reject(new Error('The picture is too large'))),
      'image/png',
    ),
  )
}

export function chartSvg(sheet: ChartSheet): Blob {
  const pen = svgPen(widthPx, heightPx)
  paintSheet(pen, sheet)
  return new Blob([pen.finish()], { type: 'image/svg+xml' })
}

/** Title and whose it is above, legend below in as many rows as it needs, then the chart and what its x axis counts. */
function paintSheet(pen: Pen, { title, subject, axis, legend, background, picture }: ChartSheet): void {
  const { colors } = picture(widthPx, heightPx)
  pen.box(0, 0, widthPx, heightPx, background)
  pen.text(title, 20, 24, { color: colors.text, sizePx: 16, align: 'left', isBold: true })
  const plain = { color: colors.text, sizePx: 12, align: 'left' } as const
  if (subject !== '') pen.text(subject, 20, 46, plain)
  let [x, y] = [20, subject === '' ? 50 : 68]
  for (const { label, color, isDashed } of legend) {
    const width = 36 + label.length * 7
    if (x + width > widthPx - 20) [x, y] = [20, y + 18]
    if (y > heightPx / 3) break
    pen.line([x, y, x + 20, y], { color, width: 3, isDashed })
    pen.text(label, x + 26, y, plain)
    x += width
  }
  const top = y + 16
  const made = picture(widthPx, heightPx - top - axisPx)
  paint(pen, { ...made, plane: { ...made.plane, top: made.plane.top + top } })
  const middle = made.plane.left + made.plane.width / 2
  pen.text(axis, middle, heightPx - axisPx / 2 - 4, { ...plain, align: 'center' })
}

/** A table as CSV, quoted as RFC 4180 says; a cell that a spreadsheet would take for a formula is kept a text. */
export function csv(rows: readonly (readonly (string | number | null)[])[]): Blob {
  const cell = (value: string | number | null): string => {
    if (value === null) return ''
    if (typeof value === 'number') return String(value)
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return new Blob(
    rows.map(row => `${row.map(cell).join(',')}\r\n`),
    { type: 'text/csv' },
  )
}

/** Offers a file to the user. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 30_000)
}

/** `Top-1 accuracy` of `run 7` → `run-7-top-1-accuracy.csv`. */
export function fileName(parts: readonly string[], ending: string): string {
  const words = parts
    .join(' ')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  return `${words.slice(0, 80) || 'chart'}.${ending}`
}
