/** Networks with weights of every kind set to something, and what they give, for tests of exports. */
import * as tf from '@tensorflow/tfjs-core'
import { toTorchLayout, torchShape } from '../../../core/checkpoints/torchLayout.ts'
import type { StoredTensor } from '../../../core/checkpoints/safetensors.ts'
import {
  createExecutor,
  GraphBuilder,
  randomStream,
  type Executor,
  type Graph,
} from '../../../core/graph/index.ts'
import { models } from '../../../core/models/index.ts'
import type { ExportWatcher } from '../../../core/exporting/writeParts.ts'

export const quiet: ExportWatcher = { progress: () => {}, throwIfCancelled: () => {} }

/** Ranges in which parameters and buffers keep activations of the order of one. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  gamma: [0.5, 1],
  beta: [-0.2, 0.2],
  bias: [-0.2, 0.2],
  running_mean: [-0.2, 0.2],
  running_var: [0.5, 1.5],
}

/** An executor whose batch norms and biases are not at their first values. The caller disposes of it. */
export function varied(graph: Graph): Executor {
  const executor = createExecutor(graph, { seed: 1 })
  const fill = (name: string, shape: readonly number[], range: readonly [number, number]): tf.Tensor => {
    const random = randomStream(2, name)
    const size = shape.reduce((product, side) => product * side, 1)
    const values = Float32Array.from({ length: size }, () => range[0] + (range[1] - range[0]) * random())
    return tf.tensor(values, [...shape])
  }
  for (const node of graph.nodes) {
    for (const { name, shape, kind } of node.parameters)
      if (ranges[kind]) executor.parameters.set(name, fill(name, shape, ranges[kind]))
    for (const { name, shape } of node.buffers)
      executor.buffers.set(name, fill(name, shape, ranges[name.split('.').at(-1)!]!))
  }
  return executor
}

/** Weights as a checkpoint stores them. */
export function stored({ graph, parameters, buffers }: Executor): Map<string, StoredTensor> {
  const tensor = (shape: readonly number[], values: Float32Array): StoredTensor => {
    const copy = Float32Array.from(values)
    return { dtype: 'F32', shape, bytes: new Uint8Array(copy.buffer) }
  }
  return new Map(
    graph.nodes.flatMap(node => [
      ...node.parameters.map(info => {
        const values = parameters.get(info.name).dataSync() as Float32Array
        return [info.name, tensor(torchShape(info), toTorchLayout(info, values))] as const
      }),
      ...node.buffers.map(({ name, shape }) => {
        return [name, tensor(shape, buffers.get(name).dataSync() as Float32Array)] as const
      }),
    ]),
  )
}

/** Weights of a graph without the work of drawing them: one number each. */
export function numbered(graph: Graph): Map<string, StoredTensor> {
  const shapes = graph.nodes.flatMap(node => [
    ...node.parameters.map(info => [info.name, torchShape(info)] as const),
    ...node.buffers.map(({ name, shape }) => [name, shape] as const),
  ])
  return new Map(
    shapes.map(([name, shape], at) => {
      const values = new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(at)
      return [name, { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) }]
    }),
  )
}

/** Images [B,H,W,C] of about unit variance, the same every time. */
export function images(graph: Graph, count: number): Float32Array {
  const random = randomStream(3, 'images')
  const size = graph.inputShape.reduce((product, side) => product * side, count)
  return Float32Array.from({ length: size }, () => 3 * random() - 1.5)
}

/** What our executor gives for images, by role. */
export function expected(
  executor: Executor,
  pixels: Float32Array,
  count: number,
): Record<string, Float32Array> {
  const input = tf.tensor4d(pixels, [count, ...executor.graph.inputShape])
  const outputs = executor.predict(input)
  const values = Object.entries(outputs).map(([role, tensor]) => {
    const read = tensor.dataSync() as Float32Array
    tensor.dispose()
    return [role, read] as const
  })
  input.dispose()
  return Object.fromEntries(values)
}

/** [B,H,W,C] as [B,C,H,W]. */
export function channelsFirst(
  pixels: Float32Array,
  [height, width, channels]: Graph['inputShape'],
): Float32Array {
  const area = height * width
  return Float32Array.from(pixels, (_, at) => {
    const image = Math.floor(at / (area * channels))
    const channel = Math.floor(at / area) % channels
    return pixels[(image * area + (at % area)) * channels + channel]!
  })
}

/** Largest difference, relative to the largest value or to 1. */
export function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Infinity
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
  return a.reduce((largest, value, at) => Math.max(largest, Math.abs(value - b[at]!)), 0) / scale
}

/** A registered network for seven classes. */
export function model(name: string, size: number, options: Record<string, unknown> = {}): Graph {
  return models.create({ name, options })({ height: size, width: size, channels: 3, classCount: 7 })
}

/** Windows of every kind, an odd size, a flattening of more than one pixel, squeeze and excitation, and every power of GeM. */
export function everyOperation(): Graph {
  const g = new GraphBuilder('every-operation', [13, 11, 3])
  let x = g.conv('conv1', g.input, {
    filters: 8,
    kernel: [3, 2],
    stride: [2, 1],
    padding: [1, 0, 2, 1],
    bias: true,
  })
  x = g.relu('relu1', g.batchNorm('bn1', x, { epsilon: 1e-3 }))
  const max = g.maxPool('max', x, { kernel: 3, stride: 2, padding: 'same' })
  const mean = g.avgPool('mean', x, { kernel: [3, 2], stride: 2, padding: [1, 1, 0, 1] })
  const same = g.avgPool('mean-same', x, { kernel: 3, stride: 2, padding: 'same' })
  const skipped = g.shortcutA('skip', x, { stride: 2, channels: 12 })
  const wide = g.conv('wide', x, { filters: 12, kernel: 1, stride: 2 })
  const sum = g.add('sum', [skipped, wide, g.batchNorm('bn2', wide)])
  x = g.concat('join', [max, mean, same, sum])
  const squeezed = g.dense('squeeze', g.globalAvgPool('pool', x), { units: 36 })
  x = g.scale('scale', x, g.sigmoid('gate', g.batchNorm('bn3', squeezed, { scale: false })))
  const powers = [1, 3, Infinity].map(p => g.gem(`gem${p}`, x, { p }))
  const learned = g.gem('gem', x, { p: 2.5, isLearned: true })
  const flat = g.dense('hidden', g.flatten('flatten', x), { units: 5, bias: false })
  const both = g.dropout('drop', g.concat('features', [...powers, learned, flat]), 0.5)
  return g.build({ logits: g.dense('fc', both, { units: 4 }), embedding: both })
}
