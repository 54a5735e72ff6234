/** Draws a line chart with a pen: axes, bands, faint extremes, replaced points, lines. */
import type { ChartLine, Edge } from './chartLine.ts'
import type { Pen } from './pen.ts'
import { plotMargin, xPx, yPx, type Plane } from './plane.ts'
import type { Point } from './smoothing.ts'
import type { ChartColors } from './theme.ts'
import { firstFrom, pathOf } from './thin.ts'

export interface Picture {
  readonly lines: readonly ChartLine[]
  readonly plane: Plane
  readonly xTicks: readonly { readonly at: number; readonly label: string }[]
  readonly yTicks: readonly { readonly at: number; readonly label: string }[]
  /** Lines lie upon each other, each with its area filled. */
  readonly isStacked: boolean
  readonly colors: ChartColors
}

/** Lines above which each is drawn as thin as can be. */
const many = 24
const faintness = 0.35
/** Points below which a line shows them as dots: validation once an epoch, or a single value, would not be seen at all. */
const fewPoints = 40

export function paint(pen: Pen, picture: Picture): void {
  paintAxes(pen, picture)
  const { plane } = picture
  pen.within(plane.left, plane.top - 2, plane.width, plane.height + 4, () => {
    if (picture.isStacked) paintStack(pen, picture)
    else paintLines(pen, picture)
  })
}

function paintAxes(pen: Pen, { plane, xTicks, yTicks, colors }: Picture): void {
  const bottom = plane.top + plane.height
  const text = { color: colors.axis, sizePx: 11 }
  for (const { at, label } of yTicks) {
    const y = Math.round(yPx(plane, at))
    if (y < plane.top - 1 || y > bottom + 1) continue
    pen.box(plane.left, y, plane.width, 1, colors.grid)
    pen.text(label, plane.left - 8, y, { ...text, align: 'right' })
  }
  pen.box(plane.left, Math.round(bottom), plane.width, 1, colors.grid)
  // Labels that would touch the one before are left out.
  let free = -Infinity
  for (const { at, label } of xTicks) {
    const x = xPx(plane, at)
    const half = label.length * 3.2
    if (x < plane.left - 1 || x > plane.left + plane.width - half + plotMargin.right || x - half < free)
      continue
    pen.text(label, x, bottom + 14, { ...text, align: 'center' })
    free = x + half + 8
  }
}

function paintLines(pen: Pen, { lines, plane, colors }: Picture): void {
  const areMany = lines.length > many
  for (const line of lines) if (line.band) paintBand(pen, line.band, line.color, plane)
  for (const line of lines)
    for (const orphan of line.orphans ?? [])
      pen.line(pathOf(orphan, plane), { color: colors.orphan, width: 1.4, isDashed: true })
  for (const line of lines) {
    if (line.raw && line.raw.length > 0)
      pen.line(pathOf(line.raw, plane), { color: line.color, width: 1, opacity: areMany ? 0.2 : 0.28 })
  }
  const ordered = [...lines].sort((a, b) => Number(b.isFaint ?? false) - Number(a.isFaint ?? false))
  if (!areMany || !pen.thinLines) {
    for (const line of ordered) paintLine(pen, line, plane, areMany)
    return
  }
  // The mean of a group stays a line of its own.
  const thin = ordered.filter(line => !line.band)
  const drawn = thin.map(line => ({
    path: pathOf(line.points, plane),
    color: line.color,
    opacity: line.isFaint ? faintness : 1,
    isDotted: line.isDashed ?? false,
  }))
  pen.thinLines(drawn, plane.left, plane.top - 2, plane.width, plane.height + 4)
  for (const line of ordered) if (line.band) paintLine(pen, line, plane, false)
}

function paintLine(pen: Pen, line: ChartLine, plane: Plane, areMany: boolean): void {
  const isThin = areMany || line.isFaint === true
  pen.line(pathOf(line.points, plane), {
    color: line.color,
    width: isThin ? 1 : 1.8,
    opacity: line.isFaint ? faintness : 1,
    isDashed: line.isDashed ?? false,
  })
  if (line.points.length > fewPoints || isThin) return
  for (const [x, y] of line.points) pen.dot(xPx(plane, x), yPx(plane, y), 2.5, line.color)
}

function paintBand(pen: Pen, band: readonly Edge[], color: string, plane: Plane): void {
  const from = Math.max(0, firstFrom(band, plane.x.min) - 1)
  const upper: number[] = []
  const lower: number[] = []
  for (let index = from; index < band.length; index++) {
    const [x, low, high] = band[index] as Edge
    const px = xPx(plane, x)
    upper.push(px, yPx(plane, high))
    lower.push(px, yPx(plane, low))
    if (x > plane.x.max) break
  }
  pen.area(upper, lower, color, 0.16)
}

function paintStack(pen: Pen, { lines, plane }: Picture): void {
  let below: readonly Point[] | null = null
  for (const line of lines) {
    const upper = pathOf(line.points, plane)
    const ground: readonly Point[] = below ?? line.points.map(([x]): Point => [x, Math.max(0, plane.y.min)])
    pen.area(upper, pathOf(ground, plane), line.color, 0.55)
    pen.line(upper, { color: line.color, width: 1 })
    below = line.points
  }
}
