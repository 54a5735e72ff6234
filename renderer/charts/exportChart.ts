/** A chart as a file: a picture with its title and legend, as pixels or as SVG, and its values as CSV. */
import { canvasPen } from './canvasPen.ts'
import { paint, type Picture } from './paint.ts'
import type { Pen } from './pen.ts'
import { svgPen } from './svgPen.ts'

export interface ChartSheet {
  readonly title: string
  /** Entries of the legend. */
  readonly legend: readonly { readonly label: string; readonly color: string }[]
  readonly background: string
  readonly picture: (widthPx: number, heightPx: number) => Picture
}

const [widthPx, heightPx] = [1200, 640]
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

/** Title above, legend below it in as many rows as it needs, then the chart. */
function paintSheet(pen: Pen, { title, legend, background, picture }: ChartSheet): void {
  const { colors } = picture(widthPx, heightPx)
  pen.box(0, 0, widthPx, heightPx, background)
  pen.text(title, 20, 24, { color: colors.text, sizePx: 16, align: 'left', isBold: true })
  let [x, y] = [20, 50]
  for (const { label, color } of legend) {
    const width = 30 + label.length * 7
    if (x + width > widthPx - 20) [x, y] = [20, y + 18]
    if (y > heightPx / 3) break
    pen.box(x, y - 2, 14, 4, color)
    pen.text(label, x + 20, y, { color: colors.text, sizePx: 12, align: 'left' })
    x += width
  }
  const top = y + 16
  const made = picture(widthPx, heightPx - top)
  paint(pen, { ...made, plane: { ...made.plane, top: made.plane.top + top } })
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
