/** What is chosen on the page for the next evaluation; an empty string leaves it as in the run's validation. */
import type { EvaluationSettings, SplitName } from '../../../core/contract/index.ts'

export interface EvaluationChoices {
  datasetId: string
  split: SplitName | ''
  kind: EvaluationSettings['kind']
  weights: 'raw' | 'ema' | ''
  size: number | ''
  resize: EvaluationSettings['resize']
  crops: EvaluationSettings['crops']
  gallery: SplitName | ''
  whiten: SplitName | ''
  power: 'tune' | 'grid' | 'max' | ''
}

export function firstChoices(datasetId: string): EvaluationChoices {
  return {
    datasetId,
    split: '',
    kind: 'classification',
    weights: '',
    size: '',
    resize: 'square',
    crops: 1,
    gallery: '',
    whiten: '',
    power: '',
  }
}

/** The settings without those that the kind has no use for. */
export function settingsOf(choices: EvaluationChoices): Partial<EvaluationSettings> {
  const { kind, resize, crops } = choices
  const common = { kind, resize, weights: choices.weights || null, size: choices.size || null }
  if (kind === 'classification') return { ...common, crops }
  return {
    ...common,
    gallery: choices.gallery || null,
    whiten: choices.whiten || null,
    power: choices.power || null,
  }
}
