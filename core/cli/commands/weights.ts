/** `multigrain weights`: what a file of weights holds, and what of it a network would take. */
import { resolve } from 'node:path'
import { AppError } from '../../errors/index.ts'
import type { Graph } from '../../graph/index.ts'
import { fitOf, readWeights, type Fit, type FoundWeights } from '../../importing/index.ts'
import { models } from '../../models/index.ts'
import { table } from '../table.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command } from './shared/command.ts'

export const weights: Command = {
  name: 'weights',
  summary: 'Show what a file of weights holds, and which network it fits',
  usage: 'FILE [options]',
  details: `FILE is a safetensors file, a state dict of PyTorch (.pth), or the folder of a checkpoint or a run. Nothing in it is ever
executed. A run starts from it with --set start.weights=FILE.`,
  options: {
    model: {
      type: 'string',
      value: 'NAME',
      description: 'the network to compare with; the one that fits best when left out',
    },
    raw: { type: 'boolean', description: 'of a checkpoint with an average, the weights themselves' },
  },
  examples: [
    { line: 'weights resnet50.pth', explanation: 'names, shapes and the network that fits' },
    { line: 'weights resnet50.pth --model multigrain', explanation: 'what multigrain would take of it' },
  ],
  run: async ({ positionals, text, flag, output }) => {
    const path = resolve(onlyArgument(positionals, 'weights FILE'))
    const found = await readWeights(path, !flag('raw'))
    const tensors = [...found.tensors].map(([name, { type, shape }]) => ({ name, type, shape }))
    output.line(
      table(
        ['NAME', 'TYPE', 'SHAPE'],
        tensors.map(({ name, type, shape }) => [name, type, `[${shape.join(', ')}]`]),
      ),
    )
    const place = found.part === '' ? '' : ` in ${found.part}`
    output.line(`\n${tensors.length} tensors${place} (${found.kind})`)
    const wanted = text('model')
    const best = wanted === undefined ? bestFit(found) : { model: wanted, fit: fitOf(graphOf(wanted), found) }
    if (best === null) output.line('It fits none of the networks')
    else for (const line of words(best.model, best.fit)) output.line(line)
    const { kind, part } = found
    return { path, kind, part, tensors, model: best?.model ?? null, fit: best?.fit ?? null }
  },
}

/** The network of which most is in the file; of equal ones that with the least besides. */
function bestFit(found: FoundWeights): { readonly model: string; readonly fit: Fit } | null {
  const fits = models.list().map(({ name }) => ({ model: name, fit: fitOf(graphOf(name), found) }))
  const score = ({ loaded, different, missing, unexpected }: Fit): number =>
    loaded.length - different.length - missing.length - unexpected.length
  const sorted = fits.filter(({ fit }) => fit.loaded.length > 0).sort((a, b) => score(b.fit) - score(a.fit))
  return sorted[0] ?? null
}

/** A network at the smallest usual size that it takes: shapes of weights do not depend on it. */
function graphOf(name: string): Graph {
  const model = models.create({ name }, 'model')
  for (const size of [32, 224])
    try {
      return model({ height: size, width: size, channels: 3, classCount: 1000 })
    } catch (thrown) {
      if (AppError.from(thrown).code !== 'invalid-config') throw thrown
    }
  return model({ height: 299, width: 299, channels: 3, classCount: 1000 })
}

function words(model: string, { loaded, different, missing, unexpected }: Fit): string[] {
  const heads = different.filter(({ isHead }) => isHead)
  const others = different.filter(({ isHead }) => !isHead)
  const some = (names: readonly string[]): string =>
    names.length === 0 ? '' : `: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`
  return [
    `${model} would take ${loaded.length} of them`,
    ...(heads.length > 0
      ? [`classifier of another number of classes, begun anew${some(heads.map(({ name }) => name))}`]
      : []),
    ...others.slice(0, 8).map(({ name, expected, got }) => {
      return `${name} does not fit: [${got.join(', ')}] there, [${expected.join(', ')}] in the network`
    }),
    `not in the file: ${missing.length}${some(missing)}`,
    `not in the network: ${unexpected.length}${some(unexpected)}`,
  ]
}
