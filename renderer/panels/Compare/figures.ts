/** Figures and settings of the compared checkpoints as rows of a table. */
import { bytes, count, percent, value } from '../../format/numbers.ts'
import { moment } from '../../format/times.ts'
import { t } from '../../language/index.ts'
import { getAt, type Config } from '../Train/paths.ts'
import type { Side } from './sides.ts'
import { points } from './verdict.ts'

export interface Cell {
  readonly text: string
  /** How it differs from the baseline; empty where it does not, or that says nothing. */
  readonly change: string
  readonly sense: 'better' | 'worse' | 'neither'
  readonly isBest: boolean
}

export interface Row {
  readonly name: string
  /** As it stands in a file, not in words. */
  readonly isPath: boolean
  readonly differs: boolean
  readonly cells: readonly Cell[]
}

interface Figure {
  readonly name: string
  readonly isPath?: boolean
  readonly values: readonly (number | null)[]
  readonly format: (value: number) => string
  readonly change?: (difference: number) => string
  /** 1 where more is better, -1 where less is. */
  readonly better?: 1 | -1
}

/** What the chosen images gave, and what the checkpoints themselves say. */
export function figureRows(sides: readonly Side[], base: Side | null): { judged: Row[]; own: Row[] } {
  const baseAt = sides.findIndex(side => side === base)
  const finished = sides.map(({ evaluation: { classification: found } }) =>
    found?.status === 'finished' ? found : null,
  )
  const retrieved = sides.map(({ evaluation: { retrieval: found } }) =>
    found?.status === 'finished' ? (found.retrieval?.[0] ?? null) : null,
  )
  const share = { format: (part: number) => percent(part, 2), change: (by: number) => points(by, 2) }
  const judged: Figure[] = [
    { name: t('Top-1'), values: finished.map(each => each?.top1 ?? null), better: 1, ...share },
    { name: t('Top-5'), values: finished.map(each => each?.top5 ?? null), better: 1, ...share },
    { name: t('Loss'), values: finished.map(each => each?.loss ?? null), better: -1, format: value },
    {
      name: t('Calibration error'),
      values: finished.map(each => each?.calibrationError ?? null),
      better: -1,
      ...share,
    },
    { name: t('mAP'), values: retrieved.map(each => each?.map ?? null), better: 1, ...share },
    {
      name: 'P@1',
      values: retrieved.map(each => each?.precisionAt1 ?? null),
      better: 1,
      ...share,
    },
  ]
  const saved = sides.map(({ checkpoint }) => checkpoint)
  const keys = [...new Set(saved.flatMap(each => Object.keys(each?.metrics ?? {})))].sort()
  const own: Figure[] = [
    { name: t('Step'), values: saved.map(each => each?.step ?? null), format: count },
    { name: t('Epoch'), values: saved.map(each => each?.epoch ?? null), format: value },
    ...keys.map((key): Figure => {
      const values = saved.map(each => each?.metrics[key] ?? null)
      if (/top\d|accuracy|map$/i.test(key)) return { name: key, isPath: true, values, better: 1, ...share }
      const isLoss = /loss$/i.test(key)
      return { name: key, isPath: true, values, format: value, ...(isLoss ? { better: -1 as const } : {}) }
    }),
    { name: t('File size'), values: saved.map(each => each?.sizeBytes ?? null), format: bytes },
    {
      name: t('Saved'),
      values: saved.map(each => each?.createdAt ?? null),
      format: moment,
      change: () => '',
    },
  ]
  const isKnown = ({ values }: Figure): boolean => values.some(each => each !== null)
  const rows = (figures: Figure[]): Row[] => figures.filter(isKnown).map(figure => rowOf(figure, baseAt))
  return { judged: rows(judged), own: rows(own) }
}

function rowOf({ name, isPath = false, values, format, change, better }: Figure, baseAt: number): Row {
  const known = values.filter(each => each !== null)
  const best = better === undefined ? null : better > 0 ? Math.max(...known) : Math.min(...known)
  const texts = values.map(each => (each === null ? '–' : format(each)))
  const differs = new Set(texts).size > 1
  const from = values[baseAt] ?? null
  const cells = values.map((each, at): Cell => {
    const by = each === null || from === null || at === baseAt ? 0 : each - from
    const sense = by === 0 || better === undefined ? 'neither' : by * better > 0 ? 'better' : 'worse'
    const told = by === 0 ? '' : change ? change(by) : `${by > 0 ? '+' : '−'}${format(Math.abs(by))}`
    return { text: texts[at]!, change: told, sense, isBest: differs && best !== null && each === best }
  })
  return { name, isPath, differs, cells }
}

/** Every setting of configurations, by path; undefined where a run is not known. */
export function settingRows(configs: readonly (Config | undefined)[], baseAt: number): Row[] {
  const paths = new Set(configs.flatMap(config => leaves(config ?? {})))
  return [...paths].sort().map(path => {
    const values = configs.map(config => (config === undefined ? undefined : getAt(config, path)))
    const texts = values.map(shown)
    const cells = texts.map((text, at): Cell => {
      const isOther = at !== baseAt && text !== texts[baseAt] && configs[at] !== undefined
      return { text, change: '', sense: isOther ? 'worse' : 'neither', isBest: false }
    })
    const told = texts.filter((_, at) => configs[at] !== undefined)
    return { name: path, isPath: true, differs: new Set(told).size > 1, cells }
  })
}

/** Paths of all values; a list is one value. */
function leaves(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  const entries = Object.entries(value)
  if (entries.length === 0) return path === '' ? [] : [path]
  return entries.flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`))
}

function shown(value: unknown): string {
  if (value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
