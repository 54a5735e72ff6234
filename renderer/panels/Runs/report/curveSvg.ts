/** A line chart as SVG text for a report: it must be readable without any program beside a browser, and printed. */
import { linearTicks } from '../../../charts/ticks.ts'
import { value as number } from '../../../format/numbers.ts'
import { escape } from './escape.ts'

export interface ReportLine {
  readonly label: string
  readonly points: readonly (readonly [number, number])[]
}

const [widthPx, heightPx] = [560, 260]
const [leftPx, rightPx, topPx, bottomPx] = [56, 14, 12, 34]
/** Apart for colour-blind eyes and on paper. */
export const lineColors = [
  '#3550c8',
  '#c2410c',
  '#0f766e',
  '#9d2f8f',
  '#8a6100',
  '#0e7490',
  '#b3261e',
  '#4d7c0f',
]

/** @returns an empty text where there is nothing to draw */
export function curveSvg(
  title: string,
  lines: readonly ReportLine[],
  format: (value: number) => string,
): string {
  const points = lines.flatMap(line => line.points)
  if (points.length === 0) return ''
  const x = rangeOf(points.map(([step]) => step))
  const y = rangeOf(points.map(([, value]) => value))
  const xPx = (at: number): number => leftPx + ((at - x.min) / (x.max - x.min)) * (widthPx - leftPx - rightPx)
  const yPx = (at: number): number =>
    heightPx - bottomPx - ((at - y.min) / (y.max - y.min)) * (heightPx - topPx - bottomPx)
  const grid = linearTicks(y, 5).map(
    at =>
      `<line x1="${leftPx}" x2="${widthPx - rightPx}" y1="${yPx(at).toFixed(1)}" y2="${yPx(at).toFixed(1)}" class="grid"/>` +
      `<text x="${leftPx - 8}" y="${(yPx(at) + 4).toFixed(1)}" text-anchor="end">${escape(format(at))}</text>`,
  )
  const steps = linearTicks(x, 6).map(
    at =>
      `<text x="${xPx(at).toFixed(1)}" y="${heightPx - 12}" text-anchor="middle">${escape(number(at))}</text>`,
  )
  const paths = lines.map((line, index) => {
    const color = lineColors[index % lineColors.length]!
    const path = line.points.map(([at, value]) => `${xPx(at).toFixed(1)},${yPx(value).toFixed(1)}`).join(' ')
    const dots =
      line.points.length > 40
        ? ''
        : line.points
            .map(
              ([at, value]) =>
                `<circle cx="${xPx(at).toFixed(1)}" cy="${yPx(value).toFixed(1)}" r="2.2" fill="${color}"/>`,
            )
            .join('')
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.6"/>${dots}`
  })
  return `<svg viewBox="0 0 ${widthPx} ${heightPx}" role="img" aria-label="${escape(title)}">${grid.join('')}${steps.join('')}${paths.join('')}</svg>`
}

function rangeOf(values: readonly number[]): { readonly min: number; readonly max: number } {
  let [min, max] = [Infinity, -Infinity]
  for (const each of values) {
    if (each < min) min = each
    if (each > max) max = each
  }
  const spare = max > min ? (max - min) * 0.04 : Math.abs(max) || 1
  return { min: min - spare, max: max + spare }
}
