/** The values of a step as they are read out: the well-known ones first, each as its chart formats it. */
import type { Evidence } from '../../../core/contract/index.ts'
import { value as formatValue } from '../../format/numbers.ts'
import { chartsFor } from './charted.ts'

export interface EvidenceFact {
  readonly key: string
  readonly label: string
  readonly text: string
  /** Where it was recorded, at the step or before it. */
  readonly step: number
  readonly isOdd: boolean
}

export function readEvidence({ values }: Evidence): EvidenceFact[] {
  const found = new Map(values.map(each => [each.key, each]))
  return chartsFor(new Set(found.keys())).flatMap(chart => {
    const present = chart.series.filter(series => found.has(series.key))
    return present.map((series): EvidenceFact => {
      const { value, step } = found.get(series.key)!
      const label = chart.series.length > 1 ? `${chart.title}, ${series.label}` : chart.title
      const text = typeof value === 'number' ? (chart.format ?? formatValue)(value) : value
      return { key: series.key, label, text, step, isOdd: typeof value !== 'number' }
    })
  })
}
