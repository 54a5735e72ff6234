/** The chart colours of the present theme, read from the style tokens: a canvas takes no CSS variables. */

export interface ChartColors {
  readonly grid: string
  readonly axis: string
  readonly orphan: string
  readonly text: string
  readonly bad: string
  readonly series: readonly string[]
}

export const seriesCount = 8

export function readChartColors(): ChartColors {
  const probe = document.createElement('span')
  document.body.append(probe)
  const read = (token: string): string => {
    probe.style.color = `var(--${token})`
    return window.getComputedStyle(probe).color
  }
  const colors = {
    grid: read('chart-grid'),
    axis: read('chart-axis'),
    orphan: read('chart-orphan'),
    text: read('text'),
    bad: read('bad'),
    series: Array.from({ length: seriesCount }, (_, index) => read(`series-${index + 1}`)),
  }
  probe.remove()
  return colors
}

/** What lies behind a chart. */
export function readBackground(): string {
  const probe = document.createElement('span')
  probe.style.color = 'var(--surface)'
  document.body.append(probe)
  const { color } = window.getComputedStyle(probe)
  probe.remove()
  return color
}
