/**
 * What is known of a run by name: parts of its summary, figures of series such as `best(val/top1)`, and settings by their path. Columns,
 * queries, groups and parallel coordinates all name them in the same way.
 */
import type { ColumnValue, RunSummary } from '../../../core/contract/index.ts'
import { lowerIsBetter } from '../../../core/contract/index.ts'
import { bytes, count, percent, value as number } from '../../format/numbers.ts'
import { ago, duration, moment } from '../../format/times.ts'
import { datasetTitle } from '../../format/datasetNames.ts'
import { t } from '../../language/index.ts'

export type FieldKind =
  'text' | 'number' | 'share' | 'count' | 'time' | 'duration' | 'bytes' | 'flag' | 'list'

export interface Field {
  readonly name: string
  readonly kind: FieldKind
  /** Of the summary; null where the host is asked for a column. */
  readonly of: ((run: RunSummary) => ColumnValue | readonly string[]) | null
}

const summary = (
  name: string,
  kind: FieldKind,
  of: (run: RunSummary) => ColumnValue | readonly string[],
): Field => ({ name, kind, of })

export const ownFields: readonly Field[] = [
  summary('name', 'text', run => run.name),
  summary('id', 'text', run => run.id),
  summary('status', 'text', run => run.status),
  summary('model', 'text', run => run.model),
  summary('data', 'text', run => run.datasetName),
  summary('backend', 'text', run => run.backend),
  summary('tag', 'list', run => run.tags),
  summary('starred', 'flag', run => (run.isStarred ? 1 : 0)),
  summary('archived', 'flag', run => (run.archivedAt === null ? 0 : 1)),
  summary('sweep', 'text', run => run.groupId),
  summary('progress', 'share', run => (run.totalSteps > 0 ? run.step / run.totalSteps : null)),
  summary('step', 'count', run => run.step),
  summary('epoch', 'number', run => run.epoch),
  summary('top1', 'share', run => run.top1),
  summary('top5', 'share', run => run.top5),
  summary('best', 'share', run => run.bestTop1),
  summary('loss', 'number', run => run.trainLoss),
  summary('valLoss', 'number', run => run.valLoss),
  summary('speed', 'count', run => run.imagesPerSecond),
  summary('elapsed', 'duration', run => run.elapsedMs),
  summary('created', 'time', run => run.createdAt),
  summary('age', 'duration', run => Date.now() - run.createdAt),
  { name: 'notes', kind: 'text', of: null },
  { name: 'disk', kind: 'bytes', of: null },
  { name: 'checkpoints', kind: 'count', of: null },
]

/** Other words for fields, as people write them. */
const aliases: Readonly<Record<string, string>> = {
  ...{ tags: 'tag', dataset: 'data', star: 'starred', group: 'sweep', trainLoss: 'loss', time: 'elapsed' },
  ...{ 'images/s': 'speed', size: 'disk', note: 'notes', state: 'status' },
}

const byName = new Map(ownFields.map(field => [field.name.toLowerCase(), field]))
const figure = /^(last|best|min|max)\((.+)\)$/

/** Any field by its exact name; what is none of the others is a setting. */
export function fieldOf(name: string): Field {
  const own = byName.get((aliases[name] ?? name).toLowerCase())
  if (own) return own
  const series = figure.exec(name)?.[2]
  if (series === undefined) return { name, kind: 'number', of: null }
  return { name, kind: isShare(series) ? 'share' : 'number', of: null }
}

export function isOwn(name: string): boolean {
  return byName.has((aliases[name] ?? name).toLowerCase())
}

export function isFigure(name: string): boolean {
  return figure.test(name)
}

/** Fractions from 0 to 1 that people read as percentages. */
function isShare(series: string): boolean {
  return /(^|\/)(top\d+|accuracy|map|recall\S*|precision\S*)$/i.test(series)
}

/** What stands in the head of a column. */
export function fieldLabel(name: string): string {
  const labels: Readonly<Record<string, string>> = {
    ...{ name: t('Name'), id: t('Id'), status: t('Status'), model: t('Model'), data: t('Data') },
    ...{
      backend: t('Backend'),
      tag: t('Tags'),
      starred: t('Star'),
      archived: t('Archived'),
      sweep: t('Sweep'),
    },
    ...{ progress: t('Progress'), step: t('Step'), epoch: t('Epoch'), top1: t('Top-1'), top5: t('Top-5') },
    ...{
      best: t('Best top-1'),
      loss: t('Loss'),
      valLoss: t('Val. loss'),
      speed: t('Images/s'),
      elapsed: t('Time'),
    },
    ...{
      created: t('Created'),
      age: t('Age'),
      notes: t('Notes'),
      disk: t('Disk'),
      checkpoints: t('Checkpoints'),
    },
  }
  return labels[name] ?? name
}

/** Where a path is long its last parts say most: `optimizer.options.momentum` → `momentum`, a transform's with its place. */
export function shortLabel(name: string): string {
  if (isOwn(name) || isFigure(name)) return fieldLabel(name)
  const [, list, place, own] = /([^.]+)\.(\d+)\.(?:options\.)?(.+)$/.exec(name) ?? []
  if (own !== undefined) return `${list} ${Number(place) + 1} · ${own}`
  const parts = name.split('.')
  const isClear = parts.at(-1) !== 'name' && (parts.at(-2) === 'options' || parts.length < 3)
  return parts.slice(isClear ? -1 : -2).join('.')
}

/** A value as a cell shows it. */
export function fieldText(field: Field, value: ColumnValue | readonly string[]): string {
  if (value === null) return '–'
  if (Array.isArray(value)) return value.join(', ')
  if (typeof value === 'string') return field.name === 'data' ? datasetTitle(value) : value
  const size = value as number
  if (field.kind === 'share') return percent(size)
  if (field.kind === 'count') return count(size)
  if (field.kind === 'duration') return duration(size)
  if (field.kind === 'bytes') return bytes(size)
  if (field.kind === 'time') return ago(size)
  if (field.kind === 'flag') return size === 1 ? t('yes') : t('no')
  return number(size)
}

export function fieldTitle(field: Field, value: ColumnValue | readonly string[]): string {
  return field.kind === 'time' && typeof value === 'number' ? moment(value) : fieldText(field, value)
}

/** Whether a smaller value is the better one. */
export function smallerIsBetter(name: string): boolean {
  const series = figure.exec(name)?.[2]
  return series === undefined ? ['loss', 'valLoss', 'elapsed', 'disk'].includes(name) : lowerIsBetter(series)
}

/** Values of runs by field, from the summary or from what the host sent. */
export type Columns = ReadonlyMap<string, ReadonlyMap<string, ColumnValue>>

export function valueIn(columns: Columns, field: Field, run: RunSummary): ColumnValue | readonly string[] {
  return field.of ? field.of(run) : (columns.get(field.name)?.get(run.id) ?? null)
}
