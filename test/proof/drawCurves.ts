/** Test accuracy and training loss of both sides as a small SVG: ours as lines, PyTorch's as dashes, a colour per seed. */
import type { Curve } from './curve.ts'

const [width, height, margin] = [360, 240, 40] as const
const colours = ['#2563eb', '#d97706', '#059669', '#9333ea']

interface Series {
  readonly colour: string
  readonly isDashed: boolean
  readonly points: readonly (readonly [x: number, y: number])[]
}

export function drawCurves(
  seeds: readonly number[],
  ours: readonly Curve[],
  theirs: readonly Curve[],
): string {
  const seriesOf = (pointsOf: (curve: Curve) => Series['points']): Series[] =>
    seeds.flatMap((_, i) => {
      const colour = colours[i % colours.length]!
      return [
        { colour, isDashed: false, points: pointsOf(ours[i]!) },
        { colour, isDashed: true, points: pointsOf(theirs[i]!) },
      ]
    })
  const accuracy = seriesOf(curve => curve.map(({ epoch, top1 }) => [epoch, 100 * top1]))
  const loss = seriesOf(smoothLoss)
  const charts = [chart(accuracy, 'test top-1, %', 0), chart(loss, 'training loss', width)]
  const legend = `<text x="${width}" y="${height + 14}" text-anchor="middle">epochs · lines: ours, dashes: PyTorch · a colour per seed</text>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * width} ${height + 24}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
${charts.join('\n')}
${legend}
</svg>
`
}

/** Means over a tenth of an epoch. */
function smoothLoss(curve: Curve): [number, number][] {
  return curve.flatMap(({ epoch, losses }) => {
    const size = Math.max(1, Math.floor(losses.length / 10))
    return Array.from({ length: Math.floor(losses.length / size) }, (_, part): [number, number] => {
      const chunk = losses.slice(part * size, (part + 1) * size)
      return [
        epoch - 1 + ((part + 0.5) * size) / losses.length,
        chunk.reduce((a, b) => a + b, 0) / chunk.length,
      ]
    })
  })
}

function chart(series: readonly Series[], title: string, left: number): string {
  const all = series.flatMap(({ points }) => points)
  const most = Math.max(...all.map(([x]) => x), 1)
  const [low, high] = [Math.min(...all.map(([, y]) => y)), Math.max(...all.map(([, y]) => y))]
  const x = (value: number): number => left + margin + (value / most) * (width - 1.5 * margin)
  const y = (value: number): number =>
    height - margin - ((value - low) / (high - low || 1)) * (height - 1.8 * margin)
  const lines = series.map(({ colour, isDashed, points }) => {
    const path = points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"${isDashed ? ' stroke-dasharray="4 3"' : ''}/>`
  })
  const ticks = Array.from({ length: Math.round(most) + 1 }, (_, epoch) => epoch).map(
    epoch => `<text x="${x(epoch)}" y="${height - margin + 16}" text-anchor="middle">${epoch}</text>`,
  )
  const levels = [low, (low + high) / 2, high].map(level => {
    const line = `<line x1="${x(0)}" x2="${x(most)}" y1="${y(level)}" y2="${y(level)}" stroke="#e5e7eb"/>`
    return `${line}<text x="${x(0) - 4}" y="${y(level) + 4}" text-anchor="end">${level.toPrecision(3)}</text>`
  })
  return [`<text x="${x(0)}" y="18" font-weight="bold">${title}</text>`, ...levels, ...ticks, ...lines].join(
    '\n',
  )
}
