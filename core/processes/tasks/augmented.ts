/** One image as a configuration would have it drawn in training and prepared in validation. */
import { drawAugmented } from '../../data/index.ts'
import { parseConfig } from '../../experiment/index.ts'
import { keptOpen } from '../openDatasets.ts'
import type { Task } from '../protocol.ts'

export const augmented: Task<'augmented'> = {
  name: 'augmented',
  async run({ dataset: ref, split, index, config: input, draws }) {
    const { input: size, transforms, training } = parseConfig(input)
    const dataset = await keptOpen(ref)
    const options = {
      height: size.size,
      width: size.size,
      channels: size.channels,
      seed: training.seed,
    }
    const items = draws.map(draw => ({ index, ...draw }))
    return {
      size: size.size,
      train: await drawAugmented(dataset, split, { ...options, transforms: transforms.train }, items),
      validation: await drawAugmented(dataset, split, { ...options, transforms: transforms.eval }, [
        { index, epoch: 0, copy: 0 },
      ]),
    }
  },
}
