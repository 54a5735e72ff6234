/**
 * The small residual networks for CIFAR: 6n + 2 layers in three stages, shortcuts without parameters.
 *
 * @source He et al. 2015, section 4.2, shortcut option A.
 */
import { z } from 'zod'
import { GraphBuilder, type Value } from '../../graph/index.ts'
import { addHead, headOptions } from './head.ts'
import { requireSize } from './input-size.ts'
import type { Model } from './model.ts'
import { squeeze } from './squeeze.ts'

export interface CifarResnetPlan {
  readonly name: string
  /** Blocks in each of the three stages. */
  readonly blocksPerStage: number
}

export const cifarResnetOptions = z.strictObject({
  width: z.int().min(1).max(1024).default(16).meta({
    title: 'Width',
    description: 'Channels of the first stage; the second has twice, the third four times as many.',
    unit: 'channels',
  }),
  zeroInitLastGamma: z.boolean().default(false).meta({
    title: 'Zero last gamma',
    description:
      'Start the last batch norm of every residual branch at zero, so that each block begins as the identity.',
  }),
  squeezeExcitation: z.boolean().default(false).meta({
    title: 'Squeeze and excitation',
    description: 'Weigh the channels of every block by what all of them have seen (Hu et al. 2018).',
  }),
  ...headOptions,
})

export type CifarResnetOptions = z.output<typeof cifarResnetOptions>

/** Two halvings leave at least one pixel of two only from 3 pixels on. */
const leastSize = 3

/** A CIFAR ResNet. */
export function cifarResnet(plan: CifarResnetPlan, options: CifarResnetOptions): Model {
  const { width, zeroInitLastGamma, squeezeExcitation } = options
  return shape => {
    requireSize(plan.name, shape, leastSize)
    const g = new GraphBuilder(plan.name, [shape.height, shape.width, shape.channels])
    let x = g.conv('conv1', g.input, { filters: width, kernel: 3, padding: 1 }) // [H,W,width]
    x = g.relu('relu', g.batchNorm('bn1', x))
    for (const stage of [0, 1, 2]) {
      for (let index = 0; index < plan.blocksPerStage; index++) {
        const stride = stage > 0 && index === 0 ? 2 : 1
        x = block(g, `layer${stage + 1}.${index}`, x, {
          planes: width * 2 ** stage,
          stride,
          zeroInitLastGamma,
          squeezeExcitation,
        })
      }
    }
    const names = { pool: 'avgpool', classifier: 'fc' }
    return g.build(addHead(g, x, options, names, { units: shape.classCount })) // embedding [4·width]
  }
}

interface Block {
  readonly planes: number
  readonly stride: number
  readonly zeroInitLastGamma: boolean
  readonly squeezeExcitation: boolean
}

/** The paper's 16, with at least so many hidden units: these networks are narrow. */
const reduction = 16
const leastHidden = 4

function block(
  g: GraphBuilder,
  name: string,
  input: Value,
  { planes, stride, zeroInitLastGamma, squeezeExcitation }: Block,
): Value {
  let x = g.conv(`${name}.conv1`, input, { filters: planes, kernel: 3, stride, padding: 1 })
  x = g.relu(`${name}.relu1`, g.batchNorm(`${name}.bn1`, x))
  x = g.conv(`${name}.conv2`, x, { filters: planes, kernel: 3, padding: 1 })
  x = g.batchNorm(`${name}.bn2`, x, { gamma: { kind: zeroInitLastGamma ? 'zeros' : 'ones' } })
  if (squeezeExcitation)
    x = squeeze(g, `${name}.se`, x, Math.max(leastHidden, Math.floor(planes / reduction)))
  const identity = stride === 1 ? input : g.shortcutA(`${name}.shortcut`, input, { stride, channels: planes })
  return g.relu(`${name}.relu`, g.add(`${name}.add`, [x, identity]))
}
