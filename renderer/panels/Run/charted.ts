/** Which series stand together in one chart, and how their values read. */
import { bytes, percent, value } from '../../format/numbers.ts'
import { t } from '../../language/index.ts'

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
  /** What it is called in an address, whatever the language. */
  readonly id: string
  readonly title: string
  readonly series: readonly ChartedSeries[]
  readonly format: (value: number) => string
  /** A logarithmic axis makes sense. */
  readonly mayBeLog: boolean
  /** No value is above it. */
  readonly most?: number
  /** The lines are parts of a whole and lie upon each other. */
  readonly isStacked?: boolean
  /** About the machine and not about what is learned. */
  readonly isMachine?: boolean
  /** Shown even while it has no values. */
  readonly isAlways?: boolean
}

const share = (fraction: number): string => percent(fraction, 1).replace('.0 %', ' %')
const celsius = (degrees: number): string => `${value(degrees)} °C`
const watts = (power: number): string => `${value(power)} W`
const milliseconds = (ms: number): string => `${value(ms)} ms`
const cores = (number: number): string => value(number, 3)

/** The parts of a step in their order. */
export const stepParts = ['dataWaitMs', 'forwardMs', 'backwardMs', 'updateMs', 'otherMs'] as const

function knownCharts(): readonly Charted[] {
  const train = t('train')
  const validation = t('validation')
  const cpu = t('processor')
  return [
    {
      id: 'loss',
      title: t('Loss'),
      format: value,
      mayBeLog: true,
      isAlways: true,
      series: [
        { key: 'train/loss', label: train, color: 0 },
        { key: 'val/loss', label: validation, color: 1, isExact: true },
        { key: 'train/totalLoss', label: t('train + weight decay'), color: 2, isDashed: true },
      ],
    },
    {
      id: 'top1',
      title: t('Top-1 accuracy'),
      format: share,
      mayBeLog: false,
      isAlways: true,
      most: 1,
      series: [
        { key: 'train/top1', label: train, color: 0 },
        { key: 'val/top1', label: validation, color: 1, isExact: true },
      ],
    },
    {
      id: 'top5',
      title: t('Top-5 accuracy'),
      format: share,
      mayBeLog: false,
      isAlways: true,
      most: 1,
      series: [
        { key: 'train/top5', label: train, color: 0 },
        { key: 'val/top5', label: validation, color: 1, isExact: true },
      ],
    },
    {
      id: 'rate',
      title: t('Learning rate'),
      format: value,
      mayBeLog: true,
      isAlways: true,
      series: [{ key: 'train/lr', label: t('learning rate'), color: 2, isExact: true }],
    },
    {
      id: 'gradient',
      title: t('Norm of the gradient'),
      format: value,
      mayBeLog: true,
      series: [{ key: 'train/gradientNorm', label: t('norm'), color: 4 }],
    },
    {
      id: 'lossScale',
      title: t('Loss scale'),
      format: value,
      mayBeLog: true,
      series: [{ key: 'train/lossScale', label: t('scale'), color: 5, isExact: true }],
    },
    {
      id: 'speed',
      title: t('Images per second'),
      format: value,
      mayBeLog: false,
      isAlways: true,
      isMachine: true,
      series: [{ key: 'train/imagesPerSecond', label: t('images/s'), color: 3 }],
    },
    {
      id: 'parts',
      title: t('Where the time of a step goes'),
      format: milliseconds,
      mayBeLog: false,
      isStacked: true,
      isMachine: true,
      series: [
        { key: 'system/dataWaitMs', label: t('waiting for data'), color: 6 },
        { key: 'system/forwardMs', label: t('forward'), color: 0 },
        { key: 'system/backwardMs', label: t('backward'), color: 2 },
        { key: 'system/updateMs', label: t('optimizer'), color: 4 },
        { key: 'system/otherMs', label: t('the rest'), color: 5 },
      ],
    },
    {
      id: 'gpu',
      title: t('GPU utilisation'),
      format: share,
      mayBeLog: false,
      most: 1,
      isMachine: true,
      series: [{ key: 'system/gpuShare', label: 'GPU', color: 0 }],
    },
    {
      id: 'gpuMemory',
      title: t('GPU memory'),
      format: bytes,
      mayBeLog: false,
      isMachine: true,
      series: [{ key: 'system/gpuMemoryBytes', label: 'GPU', color: 1 }],
    },
    {
      id: 'temperature',
      title: t('Temperature'),
      format: celsius,
      mayBeLog: false,
      isMachine: true,
      series: [
        { key: 'system/gpuCelsius', label: 'GPU', color: 6 },
        { key: 'system/cpuCelsius', label: cpu, color: 4 },
      ],
    },
    {
      id: 'power',
      title: t('GPU power'),
      format: watts,
      mayBeLog: false,
      isMachine: true,
      series: [{ key: 'system/gpuWatts', label: 'GPU', color: 3 }],
    },
    {
      id: 'cpu',
      title: t('Processor'),
      format: share,
      mayBeLog: false,
      most: 1,
      isMachine: true,
      series: [{ key: 'system/cpuShare', label: t('whole machine'), color: 0 }],
    },
    {
      id: 'cores',
      title: t('Cores that the trainer uses'),
      format: cores,
      mayBeLog: false,
      isMachine: true,
      series: [{ key: 'system/trainerCores', label: t('trainer'), color: 3 }],
    },
    {
      id: 'memory',
      title: t('Memory'),
      format: bytes,
      mayBeLog: false,
      isMachine: true,
      series: [
        { key: 'system/trainerMemoryBytes', label: t('trainer'), color: 3 },
        { key: 'system/memoryBytes', label: t('whole machine'), color: 0 },
      ],
    },
  ]
}

/** `val/retrievalMap` → `Retrieval map (val)`; a name that nobody foresaw still reads as words. */
function titleOf(key: string): string {
  const [split, name] = key.includes('/') ? key.split('/', 2) : ['', key]
  const words = (name ?? key)
    .replace(/(Ms|Bytes|Celsius|Watts|Share)$/, '')
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`)
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${split === '' ? '' : ` (${split})`}`
}

/** The charts of a run: the well-known ones first, then one for each other series there is, then those of the machine. */
export function chartsFor(keys: ReadonlySet<string>): Charted[] {
  const known = knownCharts()
  const spoken = new Set(known.flatMap(chart => chart.series.map(series => series.key)))
  const others = [...keys].filter(key => !spoken.has(key)).sort()
  const present = known.flatMap((chart): Charted[] => {
    const series = chart.series.filter(each => keys.has(each.key))
    if (series.length > 0) return [{ ...chart, series }]
    return chart.isAlways ? [{ ...chart, series: chart.series.slice(0, 1) }] : []
  })
  const unforeseen = others.map((key, index): Charted => ({
    id: key,
    title: titleOf(key),
    format: formatOf(key),
    mayBeLog: true,
    series: [{ key, label: key, color: (index + 4) % 8 }],
    ...(key.startsWith('system/') ? { isMachine: true } : {}),
  }))
  const all = [...present, ...unforeseen]
  return [...all.filter(chart => !chart.isMachine), ...all.filter(chart => chart.isMachine)]
}

function formatOf(key: string): (value: number) => string {
  const [, unit] = /(Ms|Bytes|Celsius|Watts|Share)$/.exec(key) ?? []
  const formats = { Ms: milliseconds, Bytes: bytes, Celsius: celsius, Watts: watts, Share: share }
  return formats[unit as keyof typeof formats] ?? value
}
