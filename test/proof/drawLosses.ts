/** Training losses over steps as a small SVG: THOR as a thick line, SGD as thin ones, the target as a dash. */

const [width, height, margin] = [480, 280, 40] as const
const colours = ['#93c5fd', '#60a5fa', '#3b82f6', '#1d4ed8', '#1e3a8a']

interface Row {
  readonly label: string
  readonly name: string
  /** Means over a window of steps, the first at the end of the first window. */
  readonly curve: readonly number[]
}

export function drawLosses(rows: readonly Row[], target: number, window: number): string {
  const shown = rows.filter(({ curve }) => curve.length > 1)
  const all = shown.flatMap(({ curve }) => curve)
  const last = Math.max(...shown.map(({ curve }) => curve.length)) + window
  // Rates that run away would press the others flat.
  const [low, high] = [Math.min(...all, target), Math.min(Math.max(...all), 2.5)]
  const x = (step: number): number => margin + (step / last) * (width - 1.5 * margin)
  const y = (loss: number): number => height - margin - ((Math.min(loss, high) - low) / (high - low)) * 200
  const colourOf = ({ name }: Row, at: number): string =>
    name === 'thor' ? '#d97706' : colours[at % colours.length]!
  const lines = shown.map((row, at) => {
    const points = row.curve.map((loss, step) => `${x(step + window).toFixed(1)},${y(loss).toFixed(1)}`)
    const thickness = row.name === 'thor' ? 2.5 : 1.2
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colourOf(row, at)}" stroke-width="${thickness}"/>`
  })
  const names = shown.map(
    (row, at) =>
      `<text x="${width - 90}" y="${34 + 14 * at}" fill="${colourOf(row, at)}">${row.label.replace('thor', 'THOR').replace('sgd', 'SGD')}</text>`,
  )
  const dash = `<line x1="${x(0)}" x2="${x(last)}" y1="${y(target)}" y2="${y(target)}" stroke="#6b7280" stroke-dasharray="4 3"/>`
  const levels = [low, target, high].map(
    loss => `<text x="${margin - 4}" y="${y(loss) + 4}" text-anchor="end">${loss.toFixed(2)}</text>`,
  )
  const ticks = Array.from({ length: Math.floor(last / 50) + 1 }, (_, at) => 50 * at).map(
    step => `<text x="${x(step)}" y="${height - margin + 16}" text-anchor="middle">${step}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${margin}" y="18" font-weight="bold">training loss by step, means over ${window}</text>
${[...lines, dash, ...names, ...levels, ...ticks].join('\n')}
</svg>
`
}
