/** How an evaluation judged, as far as it differs from the run's own validation, in a few words. */
import type { Evaluation } from '../../../core/contract/index.ts'
import { t } from '../../language/index.ts'

export function askedWords({ settings, power }: Pick<Evaluation, 'settings' | 'power'>): string[] {
  const { kind, size, resize, crops, weights, whiten, gallery } = settings
  return [
    kind === 'retrieval' ? t('retrieval') : '',
    size === null ? '' : `${size} px`,
    resize === 'rect' ? t('whole image') : '',
    crops > 1 ? t('{crops} crops', { crops }) : '',
    weights === null ? '' : weights === 'ema' ? t('averaged weights') : t('raw weights'),
    gallery === null ? '' : t('in {gallery}', { gallery }),
    whiten === null ? '' : t('whitened by {split}', { split: whiten }),
    powerWord(settings.power, power),
  ].filter(part => part !== '')
}

function powerWord(asked: Evaluation['settings']['power'], found: number | null): string {
  if (found !== null) return t('p {power}, tuned', { power: found.toFixed(2) })
  return asked === null ? '' : `p ${asked}`
}
