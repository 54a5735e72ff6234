/** Which series stand together in one chart, and how their values read. */
import { percent, value } from '../../format/numbers.ts'

export interface ChartedSeries {
  readonly key: string
  readonly label: string
  /** Index into the series colours. */
  readonly color: number
  readonly isDashed?: boolean
  /** Never smoothed: it follows a rule, or each of its points is a figure that people quote. */
  readonly isExact?: boolean
}

export interface Charted {
  readonly title: string
  readonly series: readonly ChartedSeries[]
  readonly format: (value: number) => string
  /** A logarithmic axis makes sense. */
  readonly mayBeLog: boolean
  /** No value is above it. */
  readonly most?: number
}

const share = (fraction: number): string => percent(fraction, 1).replace('.0 %', ' %')

const known: readonly Charted[] = [
  {
    title: 'Loss',
    format: value,
    mayBeLog: true,
    series: [
      { key: 'train/loss', label: 'train', color: 0 },
      { key: 'val/loss', label: 'validation', color: 1, isExact: true },
      { key: 'train/totalLoss', label: 'train + weight decay', color: 2, isDashed: true },
    ],
  },
  {
    title: 'Top-1 accuracy',
    format: share,
    mayBeLog: false,
    most: 1,
    series: [
      { key: 'train/top1', label: 'train', color: 0 },
      { key: 'val/top1', label: 'validation', color: 1, isExact: true },
    ],
  },
  {
    title: 'Top-5 accuracy',
    format: share,
    mayBeLog: false,
    most: 1,
    series: [
      { key: 'train/top5', label: 'train', color: 0 },
      { key: 'val/top5', label: 'validation', color: 1, isExact: true },
    ],
  },
  {
    title: 'Learning rate',
    format: value,
    mayBeLog: true,
    series: [{ key: 'train/lr', label: 'learning rate', color: 2, isExact: true }],
  },
  {
    title: 'Images per second',
    format: value,
    mayBeLog: false,
    series: [{ key: 'train/imagesPerSecond', label: 'images/s', color: 3 }],
  },
]

/** Series that have a chart of their own: its title. */
const titles: Readonly<Record<string, string>> = {
  'train/gradientNorm': 'Norm of the gradient',
  'train/lossScale': 'Loss scale',
}

/** `val/retrievalMap` → `Retrieval map (val)`; a name that nobody foresaw still reads as words. */
function titleOf(key: string): string {
  const known = titles[key]
  if (known !== undefined) return known
  const [split, name] = key.includes('/') ? key.split('/', 2) : ['', key]
  const words = (name ?? key).replace(
    /([a-z0-9])([A-Z])/g,
    (_, a: string, b: string) => `${a} ${b.toLowerCase()}`,
  )
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${split === '' ? '' : ` (${split})`}`
}

/** The charts of a run: the well-known ones first, then one for each other series there is. */
export function chartsFor(keys: ReadonlySet<string>): Charted[] {
  const spoken = new Set(known.flatMap(chart => chart.series.map(series => series.key)))
  const others = [...keys].filter(key => !spoken.has(key)).sort()
  const present = known.map(chart => ({
    ...chart,
    series: chart.series.filter(series => keys.has(series.key)),
  }))
  return [
    ...present.map((chart, index) =>
      chart.series.length > 0 ? chart : { ...chart, series: known[index]?.series.slice(0, 1) ?? [] },
    ),
    ...others.map((key, index) => ({
      title: titleOf(key),
      format: value,
      mayBeLog: true,
      series: [{ key, label: key, color: (index + 4) % 8 }],
    })),
  ]
}
