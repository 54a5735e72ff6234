/** One page of the images of a comparison, with what every checkpoint said of them. */
import { chooseImages } from '../../evaluation/comparisonImages.ts'
import { isSet, type JoinedPredictions } from '../../evaluation/comparisonPredictions.ts'
import { joinedPredictions } from '../comparisons.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task, TaskValue } from '../protocol.ts'

type Item = TaskValue<'compare-images'>['items'][number]

export const compareImages: Task<'compare-images'> = {
  name: 'compare-images',
  async run({ paths, dataset, split: name, offset, limit, ...choice }) {
    const joined = await joinedPredictions(paths)
    const places = chooseImages(joined, choice)
    const split = (await keptOpen(dataset)).splits[name]
    const items = Array.from(places.subarray(offset, offset + limit), (at): Item => {
      const index = joined.index[at]!
      const isThere = split !== undefined && index < split.count
      return {
        ...{ index, label: joined.label[at]! },
        name: isThere ? split.name(index) : String(index),
        sides: joined.sides.map((_, side) => sideOf(joined, side, at)),
      }
    })
    return { total: places.length, items }
  },
}

function sideOf({ sides, rows, right }: JoinedPredictions, side: number, at: number): Item['sides'][number] {
  const { top, topCount, probability, loss } = sides[side]!
  const row = rows[side]![at]!
  const from = row * topCount
  const named = Array.from(top.subarray(from, from + topCount), (label, rank) => ({
    label,
    probability: finite(probability[from + rank]!),
  }))
  return {
    isRight: isSet(right[at]!, side),
    top: named.filter(({ label }) => label >= 0),
    truth: finite(Math.exp(-loss[row]!)),
  }
}

/** A network that diverged gives no probabilities at all. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
