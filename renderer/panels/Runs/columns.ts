/** The columns of the table of runs. */
import type { RunSummary } from '../../../core/contract/index.ts'
import { count, percent, value } from '../../format/numbers.ts'
import { ago, duration } from '../../format/times.ts'
import type { RunColumn } from './runRows.ts'

export interface Column {
  readonly name: RunColumn
  readonly label: string
  readonly width: string
  readonly isNumber: boolean
  /** Left out where there is little room: the line below the name says the same. */
  readonly isSpare?: boolean
  /** Null where the cell is drawn in a way of its own. */
  readonly text: ((run: RunSummary) => string) | null
}

export const columns: readonly Column[] = [
  { name: 'name', label: 'Name', width: 'minmax(150px, 3fr)', isNumber: false, text: null },
  { name: 'status', label: 'Status', width: '108px', isNumber: false, text: null },
  { name: 'progress', label: 'Progress', width: 'minmax(104px, 1.2fr)', isNumber: false, text: null },
  { name: 'top1', label: 'Top-1', width: '66px', isNumber: true, text: run => percent(run.top1) },
  { name: 'best', label: 'Best', width: '66px', isNumber: true, text: run => percent(run.bestTop1) },
  { name: 'valLoss', label: 'Val. loss', width: '72px', isNumber: true, text: run => value(run.valLoss) },
  {
    name: 'speed',
    label: 'Images/s',
    width: '76px',
    isNumber: true,
    text: run => count(run.imagesPerSecond),
  },
  { name: 'elapsed', label: 'Time', width: '92px', isNumber: true, text: run => duration(run.elapsedMs) },
  { name: 'created', label: 'Created', width: '104px', isNumber: true, text: run => ago(run.createdAt) },
  {
    name: 'dataset',
    isSpare: true,
    label: 'Data',
    width: 'minmax(80px, 1.2fr)',
    isNumber: false,
    text: run => run.datasetName,
  },
  {
    name: 'model',
    isSpare: true,
    label: 'Model',
    width: 'minmax(80px, 1.1fr)',
    isNumber: false,
    text: run => run.model,
  },
  {
    name: 'trainLoss',
    isSpare: true,
    label: 'Loss',
    width: '66px',
    isNumber: true,
    text: run => value(run.trainLoss),
  },
]

const wideFromPx = 1180

/** @param widthPx 0 while unknown. */
export function columnsFor(widthPx: number): readonly Column[] {
  return widthPx > 0 && widthPx < wideFromPx ? columns.filter(column => column.isSpare !== true) : columns
}

export function gridTemplate(shown: readonly Column[]): string {
  return `34px ${shown.map(column => column.width).join(' ')}`
}
