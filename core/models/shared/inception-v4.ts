/**
 * Inception-v4, block for block, with timm's names. Two forms: timm's, whose batch norms have γ and β, and slim's with β alone.
 *
 * @source Szegedy et al. 2016, Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning, figures 3 to 9;
 * tensorflow/models research/slim/nets/inception_v4.py (auxiliary head, initialisers, batch norm); timm/models/inception_v4.py (names).
 */
import { z } from 'zod'
import { GraphBuilder, type Initializer, type Value } from '../../graph/index.ts'
import { addHead, headOptions } from './head.ts'
import { inceptionBlocks } from './inceptionBlocks.ts'
import type { ConvBlock } from './inceptionBlocks.ts'
import { requireSize } from './input-size.ts'
import type { Model } from './model.ts'

export const inceptionOptions = z.strictObject({
  form: z.enum(['timm', 'slim']).default('timm').meta({
    title: 'Form',
    description:
      'timm: batch norm with scale and shift, running statistics that weigh a batch by 0.1; slim: shift only, weighed by 0.0003',
  }),
  auxiliaryHead: z.boolean().default(true).meta({
    title: 'Auxiliary head',
    description:
      'A second classifier in the middle of the network, for training only. The loss says how much it counts (auxiliary weight)',
  }),
  width: z
    .number()
    .min(1 / 32)
    .max(4)
    .default(1)
    .meta({
      title: 'Width',
      description: 'Channels of every convolution are multiplied by it: 1 is the published network',
    }),
  ...headOptions,
  dropout: headOptions.dropout.default(0.2),
})

export type InceptionOptions = z.output<typeof inceptionOptions>

/** From 75 pixels on every window without padding fits. */
const leastSize = 75

const convInitializer: Initializer = { kind: 'truncated-fan-in', gain: 2 * 1.3, shrink: 1 }
const denseInitializer: Initializer = { kind: 'xavier-uniform' }

/** Inception-v4. */
export function inceptionV4(options: InceptionOptions): Model {
  return shape => {
    requireSize('inception-v4', shape, leastSize)
    const g = new GraphBuilder('inception-v4', [shape.height, shape.width, shape.channels])
    const dense = {
      units: shape.classCount,
      initializer: denseInitializer,
      biasInitializer: { kind: 'zeros' },
    } as const
    const { map, beforeReduction } = inceptionBlocks(g, convBlock(g, options))
    const names = { pool: 'global_pool', classifier: 'last_linear' }
    const outputs = addHead(g, map, options, names, dense)
    if (!options.auxiliaryHead) return g.build(outputs)
    const auxLogits = auxiliary(g, beforeReduction, convBlock(g, options), dense)
    return g.build({ ...outputs, auxLogits }, ['auxLogits'])
  }
}

/** Convolution, batch norm, ReLU: `${name}.conv`, `${name}.bn`. */
function convBlock(g: GraphBuilder, { form, width }: InceptionOptions): ConvBlock {
  const isSlim = form === 'slim'
  const norm = { epsilon: 1e-3, momentum: isSlim ? 3e-4 : 0.1, scale: !isSlim }
  return (name, input, filters, kernel, { stride = 1, padding = 'same' } = {}) => {
    const channels = Math.max(1, Math.round(filters * width))
    const convolution = { filters: channels, kernel, stride, padding, initializer: convInitializer }
    return g.relu(`${name}.relu`, g.batchNorm(`${name}.bn`, g.conv(`${name}.conv`, input, convolution), norm))
  }
}

/** slim's second classifier, on the last 17 x 17 map. */
function auxiliary(
  g: GraphBuilder,
  map: Value,
  conv: ConvBlock,
  dense: { readonly units: number; readonly initializer: Initializer; readonly biasInitializer: Initializer },
): Value {
  const [height = 1, width = 1] = g.shapeOf(map)
  const kernel = [Math.min(5, height), Math.min(5, width)] as const
  let x = g.avgPool('aux.pool', map, { kernel, stride: 3 }) // [5,5,C] of 17 x 17
  x = conv('aux.0', x, 128, 1)
  const [rows = 1, columns = 1] = g.shapeOf(x)
  x = conv('aux.1', x, 768, [rows, columns], { padding: 0 }) // [1,1,768]
  return g.dense('aux.linear', g.flatten('aux.flatten', x), dense)
}
