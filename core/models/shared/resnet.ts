/**
 * Residual networks for ImageNet-sized images, in torchvision's layout and with its names, so that its weights load by name; or as
 * MindSpore's recipes build them.
 *
 * @source He et al. 2015; stride on the 3x3 convolution ("v1.5") as in torchvision/models/resnet.py; mindspore-ai/models
 * official/cv/ResNet/src/resnet.py for the form `mindspore`; Hu et al. 2018 for squeeze and excitation.
 */
import { z } from 'zod'
import { GraphBuilder, type BatchNormOptions, type Value, type WindowOptions } from '../../graph/index.ts'
import { addHead, headOptions, plainHead, type HeadOptions } from './head.ts'
import { initialisers } from './initialisers.ts'
import { requireSize } from './input-size.ts'
import type { Model } from './model.ts'
import { squeeze } from './squeeze.ts'

export interface ResnetPlan {
  readonly name: string
  readonly block: 'basic' | 'bottleneck'
  /** Blocks of the four stages. */
  readonly depths: readonly [number, number, number, number]
  /** Squeeze and excitation: where, and the divisor of its hidden units. */
  readonly squeeze?: { readonly where: 'every-block' | 'end-of-last-stages'; readonly reduction: number }
  /** Strided blocks pool 2x2 instead of striding, as MindSpore's SE-ResNet-50 does. */
  readonly pools?: boolean
}

export const resnetOptions = z.strictObject({
  zeroInitLastGamma: z.boolean().default(false).meta({
    title: 'Zero last gamma',
    description:
      'Start the last batch norm of every residual branch at zero, so that each block begins as the identity (Goyal et al. 2017). Often worth 0.2 to 0.3 % top-1.',
  }),
  form: z.enum(['torchvision', 'mindspore']).default('torchvision').meta({
    title: 'Form',
    description:
      'torchvision: symmetric padding, eps 1e-5; mindspore: padding as TensorFlow pads and eps 1e-4 for bottleneck networks. Weights of one do not serve the other',
  }),
  stem: z.enum(['standard', 'deep']).default('standard').meta({
    title: 'Stem',
    description: 'standard: one 7x7 convolution; deep: three 3x3 convolutions of 32, 32 and 64 channels',
  }),
  convInit: z
    .enum(['kaiming-normal', 'xavier-uniform', 'truncated-normal', 'he-uniform'])
    .default('kaiming-normal')
    .meta({
      title: 'First convolution weights',
      description: 'kaiming-normal as torchvision; the others are those of the MindSpore recipes',
    }),
  denseInit: z.enum(['uniform', 'truncated-normal', 'normal']).default('uniform').meta({
    title: 'First classifier weights',
    description: 'uniform as torch; truncated-normal and normal with σ 0.01 as the MindSpore recipes',
  }),
  dropPath: z.number().min(0).lt(1).default(0).meta({
    title: 'Drop path',
    description:
      'Share of the images that leave out the last residual branch in training; less for earlier ones',
  }),
  ...headOptions,
})

export type ResnetOptions = z.output<typeof resnetOptions>

/** torchvision's, with the given changes. */
export function resnetDefaults(changes: Partial<ResnetOptions> = {}): ResnetOptions {
  return { ...resnetOptions.parse({}), ...plainHead, ...changes }
}

/** What a block needs to know of its place. */
interface Block {
  readonly name: string
  readonly planes: number
  readonly stride: number
  readonly isSqueezed: boolean
  readonly dropRate: number
}

/** Five halvings leave at least one pixel of two only from 17 pixels on. */
const leastSize = 17

/** A residual network. */
export function resnet(plan: ResnetPlan, options: ResnetOptions): Model {
  return shape => {
    requireSize(plan.name, shape, leastSize)
    const g = new GraphBuilder(plan.name, [shape.height, shape.width, shape.channels])
    const layers = layersOf(g, plan, options)
    let x = stem(g, layers, options)
    const count = plan.depths.reduce((sum, depth) => sum + depth, 0)
    let index = 0
    plan.depths.forEach((depth, stage) => {
      for (let at = 0; at < depth; at++) {
        const isEnd = stage >= 2 && at === depth - 1
        const block: Block = {
          name: `layer${stage + 1}.${at}`,
          planes: 64 * 2 ** stage,
          stride: stage > 0 && at === 0 ? 2 : 1,
          isSqueezed: plan.squeeze?.where === 'every-block' || (plan.squeeze !== undefined && isEnd),
          dropRate: count > 1 ? (options.dropPath * index) / (count - 1) : 0,
        }
        x = plan.block === 'basic' ? basicBlock(layers, x, block) : bottleneck(layers, x, block)
        index++
      }
    })
    const initializer = initialisers.dense[options.denseInit]
    const dense = { units: shape.classCount, ...(initializer ? { initializer } : {}) }
    return g.build(addHead(g, x, options as HeadOptions, { pool: 'avgpool', classifier: 'fc' }, dense))
  }
}

/** Layers as this form of the network has them. */
interface Layers {
  readonly g: GraphBuilder
  readonly plan: ResnetPlan
  readonly lastGamma: BatchNormOptions
  /** Of stem and shortcuts. */
  readonly outerNorm: BatchNormOptions
  conv(name: string, input: Value, filters: number, kernel: number, stride?: number): Value
  /** Convolution, batch norm. */
  convNorm(
    names: readonly [string, string],
    input: Value,
    filters: number,
    kernel: number,
    stride?: number,
  ): Value
  norm(name: string, input: Value, options?: BatchNormOptions): Value
  /** Padding of a window. */
  padding(kernel: number): NonNullable<WindowOptions['padding']>
}

function layersOf(g: GraphBuilder, plan: ResnetPlan, options: ResnetOptions): Layers {
  const isMindspore = options.form === 'mindspore'
  const isSame = isMindspore && plan.block === 'bottleneck'
  const initializer = initialisers.conv[options.convInit]
  const epsilon = isMindspore ? 1e-4 : 1e-5
  const padding = (kernel: number): NonNullable<WindowOptions['padding']> =>
    isSame ? 'same' : Math.floor(kernel / 2)
  const conv: Layers['conv'] = (name, input, filters, kernel, stride = 1) =>
    g.conv(name, input, { filters, kernel, stride, padding: padding(kernel), initializer })
  const norm: Layers['norm'] = (name, input, changes = {}) =>
    g.batchNorm(name, input, { epsilon, ...changes })
  return {
    g,
    plan,
    padding,
    conv,
    norm,
    lastGamma: { gamma: { kind: options.zeroInitLastGamma ? 'zeros' : 'ones' } },
    // MindSpore's basic networks keep eps 1e-5 there, and a momentum that weighs the batch by 0.9.
    outerNorm: isMindspore && !isSame ? { epsilon: 1e-5, momentum: 0.9 } : {},
    convNorm: ([name, normName], input, filters, kernel, stride = 1) =>
      norm(normName, conv(name, input, filters, kernel, stride)),
  }
}

function stem(g: GraphBuilder, layers: Layers, options: ResnetOptions): Value {
  let x: Value
  if (options.stem === 'deep') {
    x = g.relu('conv1.relu0', layers.convNorm(['conv1.0', 'conv1.1'], g.input, 32, 3, 2)) // [H/2,W/2,32]
    x = g.relu('conv1.relu1', layers.convNorm(['conv1.3', 'conv1.4'], x, 32, 3))
    x = layers.conv('conv1.6', x, 64, 3) // [H/2,W/2,64]
  } else x = layers.conv('conv1', g.input, 64, 7, 2) // [H/2,W/2,64]
  x = g.relu('relu', layers.norm('bn1', x, layers.outerNorm))
  return g.maxPool('maxpool', x, { kernel: 3, stride: 2, padding: layers.padding(3) }) // [H/4,W/4,64]
}

/** 3x3, 3x3. */
function basicBlock(layers: Layers, input: Value, block: Block): Value {
  const { g } = layers
  const { name, planes, stride } = block
  let x = g.relu(`${name}.relu1`, layers.convNorm([`${name}.conv1`, `${name}.bn1`], input, planes, 3, stride))
  x = layers.norm(`${name}.bn2`, layers.conv(`${name}.conv2`, x, planes, 3), layers.lastGamma)
  return join(layers, block, x, shortcut(layers, input, block, planes))
}

/** 1x1, 3x3 (the stride is here), 1x1 to four times the planes. */
function bottleneck(layers: Layers, input: Value, block: Block): Value {
  const { g, plan } = layers
  const { name, planes, stride } = block
  const isPooled = plan.pools === true && stride === 2
  let x = g.relu(`${name}.relu1`, layers.convNorm([`${name}.conv1`, `${name}.bn1`], input, planes, 1))
  x = layers.convNorm([`${name}.conv2`, `${name}.bn2`], x, planes, 3, isPooled ? 1 : stride)
  x = g.relu(`${name}.relu2`, x)
  if (isPooled) x = g.maxPool(`${name}.pool`, x, { kernel: 2, stride: 2, padding: 'same' })
  x = layers.norm(`${name}.bn3`, layers.conv(`${name}.conv3`, x, planes * 4, 1), layers.lastGamma)
  return join(layers, block, x, shortcut(layers, input, block, planes * 4))
}

/** The input itself, or a 1x1 convolution where size or channels change. */
function shortcut(layers: Layers, input: Value, { name, stride }: Block, filters: number): Value {
  const { g, plan } = layers
  if (stride === 1 && g.shapeOf(input)[2] === filters) return input
  const isPooled = plan.pools === true && stride === 2
  const pooled = isPooled
    ? g.maxPool(`${name}.downsample.pool`, input, { kernel: 2, stride: 2, padding: 'same' })
    : input
  const x = layers.conv(`${name}.downsample.0`, pooled, filters, 1, isPooled ? 1 : stride)
  return layers.norm(`${name}.downsample.1`, x, layers.outerNorm)
}

function join(
  { g, plan }: Layers,
  { name, isSqueezed, dropRate }: Block,
  branch: Value,
  identity: Value,
): Value {
  let x = branch
  if (isSqueezed && plan.squeeze) {
    const channels = g.shapeOf(x).at(-1) ?? 0
    x = squeeze(g, `${name}.se`, x, Math.floor(channels / plan.squeeze.reduction))
  }
  if (dropRate > 0) x = g.dropPath(`${name}.drop_path`, x, dropRate)
  return g.relu(`${name}.relu`, g.add(`${name}.add`, [x, identity]))
}
