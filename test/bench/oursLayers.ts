/** One layer of a network at a time, forward and backward, for layers.ts. A process that answers requests. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import type { Graph } from '../../core/graph/index.ts'
import { initialValue } from '../../core/graph/initialize.ts'
import type { ForwardResult } from '../../core/graph/ops/shared/op.ts'
import { stepsOf, type Step } from '../../core/graph/steps.ts'
import { models } from '../../core/models/index.ts'
import { medianMs } from './medianMs.ts'
import { serve } from './serve.ts'

/** A layer as both sides build it. */
export interface Layer {
  readonly label: string
  /** How often the network has one like it. */
  readonly count: number
  readonly op: string
  /** [H, W, C] or [C] */
  readonly input: readonly number[]
  readonly output: readonly number[]
  readonly attributes: Readonly<Record<string, unknown>>
  /** Whether the input has a gradient. */
  readonly isInner: boolean
}

export interface LayerTimes {
  readonly forwardMs: number
  readonly backwardMs: number
}

interface Request {
  readonly model: string
  readonly size: number
  readonly batch: number
  readonly precision: 'fp32' | 'bf16' | 'fp16'
  readonly backend: string
  readonly device: string
}

const timed = new Set(['conv', 'batch_norm', 'max_pool', 'global_avg_pool', 'dense'])
const storages = { fp32: 'float32', bf16: 'bfloat16', fp16: 'float16' } as const

let setting: Request
let steps: { readonly step: Step; readonly layer: Layer }[] = []

/** The distinct layers of a network. */
async function prepare(request: Request): Promise<readonly Layer[]> {
  const { model, size, backend, device, precision } = request
  await startBackend(
    backend,
    [...new Set(['float32', storages[precision]] as const)],
    backend === 'torch' ? device : 'auto',
  )
  setting = request
  const graph = models.create({ name: model })({ height: size, width: size, channels: 3, classCount: 1000 })
  steps = distinctLayers(graph)
  return steps.map(({ layer }) => layer)
}

function distinctLayers(graph: Graph): typeof steps {
  const shapes = new Map(graph.nodes.map(node => [node.name, node.shape]))
  const found = new Map<string, { step: Step; layer: Layer }>()
  for (const step of stepsOf(graph).filter(({ op }) => timed.has(op.name))) {
    const input = shapes.get(step.inputs[0]!)!
    const isInner = step.inputs[0] !== 'input'
    const label = labelOf(step, input)
    const key = `${label} ${isInner}`
    const { op, node } = step
    const count = (found.get(key)?.layer.count ?? 0) + 1
    const layer = {
      label,
      count,
      op: op.name,
      input,
      output: node.shape,
      attributes: node.attributes,
      isInner,
    }
    found.set(key, { step, layer })
  }
  return [...found.values()]
}

function labelOf({ op, node }: Step, input: readonly number[]): string {
  const { kernel, strides, relu, addend } = node.attributes as {
    kernel?: number[]
    strides?: number[]
    relu?: boolean
    addend?: boolean
  }
  const window = kernel ? ` ${kernel.join('×')}${strides?.[0] === 1 ? '' : `/${strides?.[0]}`}` : ''
  const tail = `${addend ? ' + add' : ''}${relu ? ' + relu' : ''}`
  return `${op.name}${window}${tail} ${input.join('×')} → ${node.shape.at(-1)}`
}

/** Median times of a layer. */
async function time({
  index,
  budgetMs,
}: {
  readonly index: number
  readonly budgetMs: number
}): Promise<LayerTimes> {
  const { step, layer } = steps[index]!
  const { batch } = setting
  const inputs = step.inputs.map(() => stored(tf.randomNormal([batch, ...layer.input])))
  const dy = stored(tf.randomNormal([batch, ...layer.output]))
  const infos = [...step.node.parameters, ...step.node.buffers]
  const tensors = new Map(infos.map(info => [info.name, tf.tensor(initialValue(info, 0), [...info.shape])]))
  const tensor = (suffix: string): Tensor => tensors.get(`${step.node.name}.${suffix}`)!
  const { node, op } = step
  const pass = { node, mode: 'training', tensor } as const
  const forward = (): ForwardResult =>
    op.forward({ ...pass, inputs, seed: 0, update: (_, value) => void value.dispose() })
  const { output, saved = [] } = forward()
  const backward = (): unknown =>
    op.backward({
      ...{ ...pass, dy, saved, input: (at: number) => inputs[at]!, output: () => output },
      inputShapes: step.inputs.map(() => layer.input),
      wantsParameters: true,
      wants: () => layer.isInner,
    })
  const probe = dy.shape.length > 0 ? dy : output
  const forwardMs = await medianMs(() => void tf.tidy(() => void forward()), probe, budgetMs)
  const backwardMs = await medianMs(() => void tf.tidy(() => void backward()), probe, budgetMs)
  tf.dispose([...inputs, dy, output, ...saved, ...tensors.values()])
  return { forwardMs, backwardMs }
}

function stored(x: Tensor): Tensor {
  const storage = storages[setting.precision]
  if (storage === 'float32') return x
  const y = tf.engine().runKernel<Tensor>('StorageCast', { x }, { storage })
  x.dispose()
  return y
}

await serve({ prepare, time })
