/** The same graph run by plain tfjs operations on tfjs's own tape: the oracle of the executor. */
import './tfjs-gradients.ts'
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core'
import type { Executor, Graph, GraphNode } from '../../core/graph/index.ts'
import type { BatchNormAttributes } from '../../core/graph/ops/batch-norm.ts'
import type { ConvAttributes } from '../../core/graph/ops/conv.ts'
import { registerFusedGradients } from './fused-gradients.ts'
import { tfjsPadding, type Window } from '../../core/graph/ops/shared/window.ts'

registerFusedGradients()

type Values = ReadonlyMap<string, Tensor>

/** Loss and gradients of the parameters, in training mode. */
export function tapeStep(
  { graph, parameters }: Executor,
  images: Tensor4D,
  lossOf: (outputs: Record<string, Tensor>) => Scalar,
): { loss: Scalar; gradients: Record<string, Tensor> } {
  const variables = new Map(
    parameters.names().map(name => [name, tf.variable(parameters.get(name), true, name)]),
  )
  const { value, grads } = tf.variableGrads(
    () => lossOf(tapeForward(graph, images, variables)) as Scalar,
    [...variables.values()],
  )
  for (const variable of variables.values()) variable.dispose()
  return { loss: value, gradients: grads }
}

/** Outputs by role. Each node is tidied, so that the tape holds what it must and nothing else. */
function tapeForward(graph: Graph, images: Tensor4D, parameters: Values): Record<string, Tensor> {
  const values = new Map<string, Tensor>([['input', images]])
  for (const node of graph.nodes.slice(1)) {
    const inputs = node.inputs.map(name => values.get(name)!)
    const tensor = (suffix: string): Tensor => parameters.get(`${node.name}.${suffix}`)!
    values.set(
      node.name,
      tf.tidy(() => apply(node, inputs, tensor)),
    )
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([role, name]) => [role, values.get(name)!]))
}

function apply(node: GraphNode, inputs: readonly Tensor[], tensor: (suffix: string) => Tensor): Tensor {
  const x = inputs[0]!
  switch (node.op) {
    case 'conv': {
      const { strides, ...window } = node.attributes as unknown as ConvAttributes
      return tf.conv2d(
        x as Tensor4D,
        tensor('weight') as Tensor4D,
        [...strides],
        tfjsPadding({ strides, ...window }),
        'NHWC',
        1,
        'floor',
      )
    }
    case 'batch_norm':
      return batchNorm(x, node.attributes as unknown as BatchNormAttributes, tensor)
    case 'relu':
      return tf.relu(x)
    case 'add':
      return tf.add(x, inputs[1]!)
    case 'max_pool': {
      const window = node.attributes as unknown as Window
      return tf.maxPool(x as Tensor4D, [...window.kernel], [...window.strides], tfjsPadding(window), 'floor')
    }
    case 'global_avg_pool':
      return tf.mean(x, [1, 2])
    case 'dense':
      return tf.add(tf.matMul(x as Tensor2D, tensor('weight') as Tensor2D), tensor('bias'))
    case 'shortcut_a':
      return shortcutA(x, node)
    default:
      throw new Error(`The oracle has no operation '${node.op}'`)
  }
}

function batchNorm(x: Tensor, { epsilon }: BatchNormAttributes, tensor: (suffix: string) => Tensor): Tensor {
  const [mean, variance] = tf.engine().runKernel('ChannelMoments', { x }) as [Tensor, Tensor]
  const inverseStd = tf.div(1, tf.sqrt(tf.add(variance, epsilon)))
  const scale = tf.mul(tensor('weight'), inverseStd)
  const shift = tf.sub(tensor('bias'), tf.mul(mean, scale))
  return tf.engine().runKernel('ScaleShift', { x, scale, shift }, { relu: false })
}

/** Rows and columns are gathered, as tfjs knows no gradient of a strided slice. */
function shortcutA(x: Tensor, node: GraphNode): Tensor {
  const stride = node.attributes['stride'] as number
  const [, height, width, channels] = x.shape as [number, number, number, number]
  const every = (size: number): Tensor1D => tf.range(0, size, stride, 'int32')
  const sampled = tf.gather(tf.gather(x, every(height), 1), every(width), 2)
  return tf.pad(sampled, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, node.shape[2]! - channels],
  ])
}
