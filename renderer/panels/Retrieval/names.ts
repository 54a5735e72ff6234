/** Names in the reader's language. */
import type { SearchHit, SearchPower, SplitName } from '../../../core/contract/index.ts'
import { t } from '../../language/index.ts'

export function splitName(split: SplitName): string {
  switch (split) {
    case 'train':
      return t('Training images')
    case 'val':
      return t('Validation images')
    case 'test':
      return t('Test images')
    case 'query':
      return t('Query images')
    case 'gallery':
      return t('Gallery images')
  }
}

export function markName(mark: SearchHit['mark']): string {
  switch (mark) {
    case 'right':
      return t('right')
    case 'wrong':
      return t('wrong')
    case 'junk':
      return t('junk: counts neither way')
    case 'unknown':
      return ''
  }
}

/** What a job does now; phases come from the worker. */
export function phaseName(phase: string): string {
  switch (phase) {
    case 'loading':
      return t('Loading…')
    case 'embedding gallery':
      return t('Embedding the gallery')
    case 'embedding queries':
      return t('Embedding the queries')
    case 'whitening: averaging':
    case 'whitening: covariance':
    case 'whitening: eigenvectors':
    case 'whitening: rotating':
      return t('Learning the whitening')
    case 'ranking':
      return t('Ranking')
    case 'directions':
    case 'points':
    case 'layout':
      return t('Laying out')
    case 'neighbours':
      return t('Finding neighbours')
    default:
      return phase
  }
}

export function powerName(power: SearchPower | null): string {
  return power === 'max' ? '∞' : power === null ? '–' : String(power)
}
