/** `multigrain search`: the images of a gallery that are most like some others. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { dataFolder } from '../../../main/paths.ts'
import type { SplitName } from '../../contract/index.ts'
import { AppError } from '../../errors/index.ts'
import { imageFiles } from '../../exporting/index.ts'
import { search as searchTask } from '../../processes/tasks/search.ts'
import type { TaskInput } from '../../processes/protocol.ts'
import { chooseModel, wholeNumber } from '../chooseModel.ts'
import { datasetById } from '../datasetById.ts'
import { settingsOf, splitOf, viewOptions } from '../evaluationOptions.ts'
import type { Command, Invocation } from './shared/command.ts'

export const search: Command = {
  name: 'search',
  summary: 'Find images that show the same',
  usage: 'IMAGE... --gallery (DIR | DATASET) --model (CHECKPOINT | RUN | EXPORT)',
  details: `Each IMAGE (a file, a folder that is searched, or a pattern in quotes) is compared with every image of the gallery by the cosine of
their embeddings, and the most similar are listed, best first. The gallery's embeddings are kept until images or checkpoint change, so
that the next search is quick. An image that lies in the gallery itself is told, and not found unless --include-self is given.
With --json: results, each with image, problem, isInGallery and hits (name, score), galleryCount and isGalleryKnown.`,
  options: {
    gallery: { type: 'string', value: 'DIR', description: 'folder of images, or the id of a data set' },
    split: {
      type: 'string',
      value: 'NAME',
      description: "the data set's split; by default gallery, else val, test or train",
    },
    model: {
      type: 'string',
      value: 'MODEL',
      description: 'run, folder of a checkpoint, or folder of a safetensors export',
    },
    top: { type: 'string', value: 'N', description: 'how many images to list; 10' },
    'include-self': { type: 'boolean', description: 'an image of the gallery finds itself as well' },
    ...viewOptions,
  },
  examples: [
    {
      line: 'search photo.jpg --gallery ~/photos --model r-20261122-0001',
      explanation: 'the ten most similar photographs',
    },
  ],
  run: async invocation => {
    const model = required(invocation, 'model', 'a run, the folder of a checkpoint, or a safetensors export')
    const gallery = required(invocation, 'gallery', 'a folder of images, or the id of a data set')
    const top = wholeNumber(invocation, 'top', 1, 10_000) ?? 10
    const settings = settingsOf(invocation)
    const paths = imageFiles(invocation.positionals)
    const checkpointPath = await chooseModel(invocation, model)
    if (!['state.json', 'model.safetensors'].some(name => existsSync(join(checkpointPath, name)))) {
      const message = `--model ${model}: expected a run, the folder of a checkpoint, or a safetensors export`
      throw new AppError('invalid-request', message, { field: 'model', value: model })
    }
    const { output, interruption } = invocation
    const found = await searchTask.run(
      {
        ...{ checkpointPath, paths, settings, top, includesSelf: invocation.flag('include-self') },
        gallery: await chosenGallery(invocation, gallery),
        cacheFolder: join(dataFolder(), 'cache', 'embeddings'),
      },
      {
        progress: (phase, done, total) => output.progress(phase, done, total),
        throwIfCancelled: () => interruption.throwIfInterrupted(),
      },
    )
    output.clearProgress()
    for (const { name, problem } of found.bad.slice(0, 10)) output.note(`${name}: ${problem}`)
    const known = found.isGalleryKnown ? ', embedded before' : ''
    output.line(`${found.galleryCount} images in the gallery${known}`)
    for (const { image, problem, isInGallery, hits } of found.results) {
      const self = invocation.flag('include-self') ? 'and counts' : 'and is left out'
      output.line(`\n${image}${isInGallery ? `: it is in the gallery, ${self}` : ''}`)
      if (problem !== null) output.line(`  ${problem}`)
      for (const [at, { name, score }] of hits.entries())
        output.line(`  ${String(at + 1).padStart(3)}  ${score.toFixed(4)}  ${name}`)
    }
    const isLost = found.results.every(({ problem }) => problem !== null)
    if (!isLost) return { model: checkpointPath, ...found }
    const [{ image, problem }] = found.results as [(typeof found.results)[number]]
    throw new AppError('data-invalid', `none of the images can be used. ${image}: ${problem}`)
  },
}

async function chosenGallery(invocation: Invocation, named: string): Promise<TaskInput<'search'>['gallery']> {
  const split = splitOf(invocation, 'split')
  if (existsSync(named)) {
    if (split === null) return { paths: imageFiles([resolve(named)]) }
    const message = '--split goes with the id of a data set, not with a folder'
    throw new AppError('invalid-request', message, { field: 'split' })
  }
  const { ref, splits } = await datasetById(invocation, named)
  const usual: readonly SplitName[] = ['gallery', 'val', 'test', 'train']
  return { dataset: ref, split: split ?? usual.find(each => splits.includes(each)) ?? 'train' }
}

function required(invocation: Invocation, option: string, what: string): string {
  const value = invocation.text(option)
  if (value !== undefined) return value
  throw new AppError('invalid-request', `expected --${option}: ${what}`, { field: option })
}
