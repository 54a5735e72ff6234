/** Runs a network with our own executor. */
import * as tf from '@tensorflow/tfjs-core'
import { fromTorchLayout } from '../../checkpoints/torchLayout.ts'
import { imageTensor } from '../../evaluation/imageTensor.ts'
import { createExecutor } from '../../graph/index.ts'
import type { Network } from '../network.ts'
import type { ClassifierInput, Running } from './classifier.ts'

/** Takes the weights over onto the current backend. */
export function executing({ graph, weights }: Network, input: ClassifierInput): Running {
  const executor = createExecutor(graph, { seed: 0 })
  for (const node of graph.nodes) {
    for (const info of node.parameters) {
      const values = fromTorchLayout(info, weights.get(info.name)!.read())
      executor.parameters.set(info.name, tf.tensor(values, [...info.shape]))
    }
    for (const { name, shape } of node.buffers)
      executor.buffers.set(name, tf.tensor(weights.get(name)!.read(), [...shape]))
  }
  return {
    logits: async (images, count) => {
      const x = imageTensor({ images, count }, { ...input, size: input.height })
      const { logits } = executor.predict(x)
      x.dispose()
      const values = (await logits!.data()) as Float32Array
      logits!.dispose()
      return values
    },
    close: async () => executor.dispose(),
  }
}
