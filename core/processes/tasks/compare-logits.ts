/** Logits of several checkpoints for one image. */
import { readLogits } from '../../evaluation/comparisonFile.ts'
import { AppError } from '../../errors/index.ts'
import { joinedPredictions } from '../comparisons.ts'
import type { Task } from '../protocol.ts'

export const compareLogits: Task<'compare-logits'> = {
  name: 'compare-logits',
  async run({ paths, index }) {
    const { index: indices, label, sides, rows } = await joinedPredictions(paths)
    const at = indices.indexOf(index)
    if (at < 0)
      throw new AppError('not-found', `Image ${index} was not judged by all`, {
        field: 'index',
        value: index,
      })
    const named = sides.flatMap(({ top, topCount }, side) => {
      const from = rows[side]![at]! * topCount
      return [...top.subarray(from, from + topCount)]
    })
    const labels = [...new Set([label[at]!, ...named])].filter(each => each >= 0)
    const logits = await Promise.all(paths.map((path, side) => readLogits(path, rows[side]![at]!)))
    const classes = labels.map(each => ({
      label: each,
      logits: logits.map(values => finite(values?.[each])),
    }))
    return { classes }
  },
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
