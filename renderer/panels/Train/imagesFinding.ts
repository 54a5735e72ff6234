/** Whether more images are known to be broken than a run tolerates, which is certain to fail. */
import type { DatasetSummary, ImageStatistics, Plan } from '../../../core/contract/index.ts'
import { count as formatCount } from '../../format/numbers.ts'
import { t, tn } from '../../language/index.ts'
import { getAt, type Config } from './paths.ts'
import type { Finding } from './preflight.ts'

export const toleranceField = 'data.maxBadFraction'

/** How many bad images a loader of so many lets pass. */
export function toleratedImages(imageCount: number, fraction: number): number {
  const allowed = Math.max(Math.floor(imageCount * fraction), fraction > 0 ? 1 : 0)
  return Math.min(allowed, imageCount - 1)
}

interface Part {
  readonly split: string
  readonly broken: number
  readonly count: number
  readonly tolerated: number
}

export function imagesFinding(
  config: Config,
  dataset: Pick<DatasetSummary, 'splits'>,
  statistics: ImageStatistics,
  needs: Plan['needs'],
): Finding {
  const fraction = Number(getAt(config, toleranceField) ?? 0.01)
  const parts = partsOf(dataset, statistics, needs, fraction)
  const worst = parts.find(({ broken, tolerated }) => broken > tolerated)
  if (worst) return failing(worst, fraction)
  const plain = { advice: '', remedy: null }
  if (!statistics?.isDecoded) return { ...plain, verdict: 'unknown', text: t('not checked yet') }
  const broken = parts.reduce((sum, each) => sum + each.broken, 0)
  if (broken === 0) return { ...plain, verdict: 'fits', text: t('all can be decoded') }
  const text = tn(
    broken,
    '{count} image cannot be decoded and is left out',
    '{count} images cannot be decoded and are left out',
  )
  return { ...plain, verdict: 'fits', text }
}

/** The splits that a run reads. Where validation takes its images from train, one of the two exceeds once both together do. */
function partsOf(
  { splits }: Pick<DatasetSummary, 'splits'>,
  statistics: ImageStatistics,
  needs: Plan['needs'],
  fraction: number,
): Part[] {
  const brokenIn = (name: string): number =>
    (statistics?.broken ?? []).filter(each => each.split === name).length
  const part = ({ name, count }: (typeof splits)[number]): Part => {
    return { split: name, broken: brokenIn(name), count, tolerated: toleratedImages(count, fraction) }
  }
  const filled = splits.filter(({ count }) => count > 0)
  const train = filled.filter(({ name }) => name === 'train').map(part)
  const judged = filled.find(({ name }) => name === 'val') ?? filled.find(({ name }) => name === 'test')
  if (judged) return [...train, part(judged)]
  if (!needs) return train
  const tolerated =
    toleratedImages(needs.trainCount, fraction) + toleratedImages(needs.validationCount, fraction)
  return train.map(each => ({ ...each, tolerated }))
}

function failing({ split, broken, count }: Part, fraction: number): Finding {
  const field = t('Tolerated bad images')
  const wanted = enough(broken, count)
  return {
    verdict: 'fails',
    text: t('{broken} of {count} images of {split} ({share}) cannot be decoded; {allowed} is tolerated', {
      ...{ broken: formatCount(broken), count: formatCount(count), split },
      ...{ share: percent(broken / count), allowed: percent(fraction) },
    }),
    advice: t('Repair or remove them and scan the data set anew, or raise “{field}”.', { field }),
    remedy:
      broken < count
        ? { label: t('Tolerate {share}', { share: percent(wanted) }), path: toleranceField, value: wanted }
        : null,
    field: toleranceField,
  }
}

/** The least share, in tenths of a percent, that lets so many pass. */
function enough(broken: number, count: number): number {
  let thousandths = Math.ceil((broken / count) * 1000)
  while (thousandths < 1000 && toleratedImages(count, thousandths / 1000) < broken) thousandths++
  return thousandths / 1000
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(3))} %`
}
