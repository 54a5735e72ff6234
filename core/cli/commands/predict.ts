/** `multigrain predict`: the classes that a model sees on images. */
import { AppError } from '../../errors/index.ts'
import { imageFiles } from '../../exporting/index.ts'
import { predict as predictTask } from '../../processes/tasks/predict.ts'
import { chooseModel, modelOptions, powerOf, weightsOf, wholeNumber } from '../chooseModel.ts'
import { percent } from '../output.ts'
import type { Command } from './shared/command.ts'

export const predict: Command = {
  name: 'predict',
  summary: 'Name what is on images',
  usage: 'IMAGE... --model (CHECKPOINT | RUN | EXPORT)',
  details: `IMAGE is a file, a folder that is searched, or a pattern in quotes. Images are prepared as the run prepares those that it is
measured on. MODEL is a run, whose newest checkpoint is taken, the folder of a checkpoint, or that of a safetensors or ONNX
export. Images that cannot be read are told, and the others go on. With --json: predictions, each with image, problem and
classes (name, index, probability), likeliest first.`,
  options: {
    model: {
      type: 'string',
      value: 'MODEL',
      description: 'run, folder of a checkpoint, or folder of an export',
    },
    top: { type: 'string', value: 'N', description: 'how many classes to name; 5' },
    size: { type: 'string', value: 'PIXELS', description: 'height and width of the input; as in training' },
    ...modelOptions,
  },
  examples: [
    { line: 'predict photo.jpg --model r-20261122-0001', explanation: 'the five likeliest classes' },
    {
      line: 'predict ~/photos --model flowers-onnx --top 1',
      explanation: 'every image of a folder, by an export',
    },
  ],
  run: async invocation => {
    const model = invocation.text('model')
    if (model === undefined) {
      const message = 'expected --model: a run, the folder of a checkpoint, or that of an export'
      throw new AppError('invalid-request', message, { field: 'model' })
    }
    const options = {
      top: wholeNumber(invocation, 'top', 1, 1000) ?? 5,
      size: wholeNumber(invocation, 'size', 8, 4096),
      weights: weightsOf(invocation),
      power: powerOf(invocation),
    }
    const paths = imageFiles(invocation.positionals)
    const modelPath = await chooseModel(invocation, model)
    const { output, interruption } = invocation
    const found = await predictTask.run(
      { ...options, modelPath, images: { paths } },
      {
        progress: (phase, done, total) =>
          output.progress(phase === 'loading' ? 'Loading the model' : 'Images', done, total),
        throwIfCancelled: () => interruption.throwIfInterrupted(),
      },
    )
    output.clearProgress()
    for (const { image, problem, classes } of found.predictions) {
      if (problem !== null) output.note(`${image}: ${problem}`)
      else
        output.line(
          [image, ...classes.map(each => `  ${percent(each.probability)}  ${each.name}`)].join('\n'),
        )
    }
    const bad = found.predictions.filter(({ problem }) => problem !== null)
    if (bad.length < found.predictions.length) return { model: modelPath, ...found }
    const message = `none of the ${bad.length} images can be used. ${bad[0]!.image}: ${bad[0]!.problem}`
    throw new AppError('data-invalid', bad.length === 1 ? `${bad[0]!.image}: ${bad[0]!.problem}` : message, {
      files: bad.map(({ image }) => image),
    })
  },
}
