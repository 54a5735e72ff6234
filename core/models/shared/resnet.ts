/**
 * Residual networks for ImageNet-sized images, in torchvision's layout and with its names, so that its weights load by name.
 *
 * @source He et al. 2015; stride on the 3x3 convolution ("v1.5") as in torchvision/models/resnet.py.
 */
import { z } from 'zod'
import { GraphBuilder, type Value } from '../../graph/index.ts'
import { requireSize } from './input-size.ts'
import type { Model } from './model.ts'

export interface ResnetPlan {
  readonly name: string
  readonly block: 'basic' | 'bottleneck'
  /** Blocks of the four stages. */
  readonly depths: readonly [number, number, number, number]
}

export const resnetOptions = z.strictObject({
  zeroInitLastGamma: z.boolean().default(false).meta({
    title: 'Zero last gamma',
    description:
      'Start the last batch norm of every residual branch at zero, so that each block begins as the identity (Goyal et al. 2017). Often worth 0.2 to 0.3 % top-1.',
  }),
})

export type ResnetOptions = z.output<typeof resnetOptions>

/** What a block needs to know of its place. */
interface Block {
  readonly name: string
  readonly planes: number
  readonly stride: number
  readonly lastGamma: { readonly kind: 'zeros' | 'ones' }
}

/** Five halvings leave at least one pixel of two only from 17 pixels on. */
const leastSize = 17

/** A torchvision ResNet. */
export function resnet(plan: ResnetPlan, options: ResnetOptions): Model {
  return shape => {
    requireSize(plan.name, shape, leastSize)
    const g = new GraphBuilder(plan.name, [shape.height, shape.width, shape.channels])
    let x = g.conv('conv1', g.input, { filters: 64, kernel: 7, stride: 2, padding: 3 }) // [H/2,W/2,64]
    x = g.relu('relu', g.batchNorm('bn1', x))
    x = g.maxPool('maxpool', x, { kernel: 3, stride: 2, padding: 1 }) // [H/4,W/4,64]
    plan.depths.forEach((depth, stage) => {
      for (let index = 0; index < depth; index++) {
        const block: Block = {
          name: `layer${stage + 1}.${index}`,
          planes: 64 * 2 ** stage,
          stride: stage > 0 && index === 0 ? 2 : 1,
          lastGamma: { kind: options.zeroInitLastGamma ? 'zeros' : 'ones' },
        }
        x = plan.block === 'basic' ? basicBlock(g, x, block) : bottleneck(g, x, block)
      }
    })
    x = g.globalAvgPool('avgpool', x) // [C]
    return g.build({ logits: g.dense('fc', x, { units: shape.classCount }) })
  }
}

/** 3x3, 3x3. */
function basicBlock(g: GraphBuilder, input: Value, { name, planes, stride, lastGamma }: Block): Value {
  let x = g.conv(`${name}.conv1`, input, { filters: planes, kernel: 3, stride, padding: 1 })
  x = g.relu(`${name}.relu1`, g.batchNorm(`${name}.bn1`, x))
  x = g.conv(`${name}.conv2`, x, { filters: planes, kernel: 3, padding: 1 })
  x = g.batchNorm(`${name}.bn2`, x, { gamma: lastGamma })
  return join(g, name, x, shortcut(g, name, input, planes, stride))
}

/** 1x1, 3x3 (the stride is here), 1x1 to four times the planes. */
function bottleneck(g: GraphBuilder, input: Value, { name, planes, stride, lastGamma }: Block): Value {
  let x = g.conv(`${name}.conv1`, input, { filters: planes, kernel: 1 })
  x = g.relu(`${name}.relu1`, g.batchNorm(`${name}.bn1`, x))
  x = g.conv(`${name}.conv2`, x, { filters: planes, kernel: 3, stride, padding: 1 })
  x = g.relu(`${name}.relu2`, g.batchNorm(`${name}.bn2`, x))
  x = g.conv(`${name}.conv3`, x, { filters: planes * 4, kernel: 1 })
  x = g.batchNorm(`${name}.bn3`, x, { gamma: lastGamma })
  return join(g, name, x, shortcut(g, name, input, planes * 4, stride))
}

/** The input itself, or a 1x1 convolution where size or channels change. */
function shortcut(g: GraphBuilder, name: string, input: Value, filters: number, stride: number): Value {
  if (stride === 1 && g.shapeOf(input)[2] === filters) return input
  const x = g.conv(`${name}.downsample.0`, input, { filters, kernel: 1, stride })
  return g.batchNorm(`${name}.downsample.1`, x)
}

function join(g: GraphBuilder, name: string, branch: Value, identity: Value): Value {
  return g.relu(`${name}.relu`, g.add(`${name}.add`, [branch, identity]))
}
