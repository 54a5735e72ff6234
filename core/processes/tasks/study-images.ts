/** One page of an evaluation's images, with what the network said of them. */
import type { PredictionColumns } from '../../evaluation/comparisonFile.ts'
import { chooseJudged } from '../../evaluation/judgedImages.ts'
import { keptOpen } from '../openDatasets.ts'
import { keptColumns } from '../studied.ts'
import type { Task, TaskValue } from '../protocol.ts'

type Item = TaskValue<'study-images'>['items'][number]

export const studyImages: Task<'study-images'> = {
  name: 'study-images',
  async run({ path, dataset, split: name, search, find, offset, limit, ...choice }) {
    const columns = await keptColumns(path)
    // What the evaluation says can be shown where its pictures are gone, too.
    const split = await keptOpen(dataset).then(
      ({ splits }) => splits[name],
      () => undefined,
    )
    const nameOf = (row: number): string => {
      const index = columns.index[row]!
      return split !== undefined && index < split.count ? split.name(index) : String(index)
    }
    const wanted = search.trim().toLowerCase()
    const rows = chooseJudged(columns, choice).filter(
      row => wanted === '' || nameOf(row).toLowerCase().includes(wanted),
    )
    const place = find === null ? -1 : rows.findIndex(row => columns.index[row] === find)
    const items = rows.slice(offset, offset + limit).map(row => itemOf(columns, row, nameOf(row)))
    return { total: rows.length, place: place < 0 ? null : place, items }
  },
}

function itemOf(columns: PredictionColumns, row: number, name: string): Item {
  const { index, label, loss, top, probability, topCount } = columns
  const from = row * topCount
  const named = Array.from(top.subarray(from, from + topCount), (own, rank) => ({
    label: own,
    probability: probability[from + rank]!,
  }))
  return {
    ...{ index: index[row]!, label: label[row]!, name },
    top: named.filter(each => each.label >= 0),
    ...{ truth: Math.exp(-loss[row]!), loss: loss[row]! },
  }
}
