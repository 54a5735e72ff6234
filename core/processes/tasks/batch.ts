/** Which images a step trained on, worked out from the configuration alone. */
import { planOrder } from '../../data/index.ts'
import { AppError } from '../../errors/index.ts'
import { datasetFacts, trainingLoader } from '../../evaluation/loaderOptions.ts'
import { parseConfig } from '../../experiment/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task } from '../protocol.ts'

export const batch: Task<'batch'> = {
  name: 'batch',
  async run({ config: input, dataset: ref, step, limit }) {
    const config = parseConfig(input)
    const facts = await datasetFacts(ref)
    const options = trainingLoader(config, ref, facts, 0)
    const split = (await keptOpen(ref)).splits[options.split]
    if (!split) throw new AppError('not-found', `${ref.path}: no split '${options.split}' any more`)
    const order = planOrder(options, split)
    const planned = order.batch(step - 1)
    const copies = new Map<number, number>()
    for (let place = 0; place < planned.count; place++) {
      const { index } = order.drawnAt(planned.epoch, planned.start + place)
      copies.set(index, (copies.get(index) ?? 0) + 1)
    }
    const images = [...copies].slice(0, limit).map(([index, count]) => ({
      index,
      label: split.labels[index] as number,
      name: split.name(index),
      copies: count,
    }))
    return { epoch: planned.epoch, total: planned.count, split: options.split, images }
  },
}
