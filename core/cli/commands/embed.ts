/** `multigrain embed`: the embeddings of a data set, for other programs. */
import { resolve } from 'node:path'
import { AppError } from '../../errors/index.ts'
import { embed as embedTask } from '../../processes/tasks/embed.ts'
import { chooseModel } from '../chooseModel.ts'
import { datasetById } from '../datasetById.ts'
import { settingsOf, splitOf, viewOptions } from '../evaluationOptions.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command } from './shared/command.ts'

export const embed: Command = {
  name: 'embed',
  summary: 'Write the embeddings of a data set',
  usage: '(CHECKPOINT | RUN) --data (DIR | DATASET) --out DIR [--split NAME]',
  details: `Writes embeddings.f32, rows of little-endian float32 of unit length, and embeddings.json with width, and with index in the split
and class of each row. Images that cannot be decoded have no row. With numpy: np.fromfile('embeddings.f32', '<f4').reshape(-1, width).
With --json: out, split, count, width and skippedCount.`,
  options: {
    data: { type: 'string', value: 'DIR', description: 'folder of images, or the id of a data set' },
    split: { type: 'string', value: 'NAME', description: 'train, val, test, query or gallery' },
    out: {
      type: 'string',
      value: 'DIR',
      description: 'folder to write to; what was embedded there is replaced',
    },
    ...viewOptions,
  },
  examples: [
    {
      line: 'embed r-20261122-0001 --data ~/photos --split val --out ~/embedded',
      explanation: 'one row an image',
    },
  ],
  run: async invocation => {
    const wanted = onlyArgument(invocation.positionals, 'embed (CHECKPOINT | RUN) --data DIR --out DIR')
    const [data, out] = [invocation.text('data'), invocation.text('out')]
    if (data === undefined || out === undefined) {
      const field = data === undefined ? 'data' : 'out'
      throw new AppError('invalid-request', `expected --${field} DIR`, { field })
    }
    const settings = settingsOf(invocation)
    const split = splitOf(invocation, 'split')
    const checkpointPath = await chooseModel(invocation, wanted)
    const { ref: dataset } = await datasetById(invocation, data)
    const { output, interruption } = invocation
    const folder = resolve(out)
    const made = await embedTask.run(
      { checkpointPath, dataset, split, folder, settings },
      {
        progress: (phase, done, total) => output.progress(phase, done, total),
        throwIfCancelled: () => interruption.throwIfInterrupted(),
      },
    )
    output.clearProgress()
    const skipped = made.skippedCount > 0 ? `, ${made.skippedCount} left out` : ''
    output.line(`${made.count} images of ${made.split}, ${made.width} values each${skipped}, in ${folder}`)
    return { out: folder, ...made }
  },
}
