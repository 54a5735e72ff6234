/** Checkpoints of small networks, as a run would save them, for tests of exports and predictions. */
import * as tf from '@tensorflow/tfjs-core'
import { configHash } from '../../../core/checkpoints/runState.ts'
import { saveCheckpoint } from '../../../core/checkpoints/saveCheckpoint.ts'
import { parseConfig } from '../../../core/experiment/index.ts'
import type { Executor } from '../../../core/graph/index.ts'
import { model, stored, varied } from './sample.ts'

export const classes = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'gnu']

export interface SavedCheckpoint {
  readonly path: string
  /** The network with the very weights; the caller disposes of it. */
  readonly executor: Executor
}

/** @param average whether the run keeps a moving average: here, the weights times two. */
export async function savedCheckpoint(
  folder: string,
  {
    name = 'cifar-resnet8',
    size = 16,
    average = false,
    evaluation = undefined as unknown,
    options = {},
  } = {},
): Promise<SavedCheckpoint> {
  const executor = varied(model(name, size, options))
  const config = parseConfig({
    model: { name, options },
    input: { size },
    transforms: {
      train: ['resize-exact'],
      eval: evaluation ?? [{ name: 'resize', options: { shorterSide: size + 4 } }, 'center-crop'],
    },
    backend: 'wasm',
  })
  const sources = (factor: number) =>
    [...stored(executor)].map(([tensor, { shape, bytes }]) => ({
      ...{ name: tensor, shape },
      read: async () => new Float32Array(bytes.slice().buffer).map(value => value * factor),
    }))
  const { path } = await saveCheckpoint(folder, {
    model: sources(1),
    optimizer: [],
    average: average ? sources(2) : null,
    state: {
      format: 1,
      runId: 'r-1',
      step: 30,
      epoch: 3,
      cursor: 30,
      stepsPerEpoch: 10,
      trainImageCount: 40,
      patience: null,
      seed: 1,
      indexHash: '',
      evaluatedStep: null,
      best: null,
      metrics: {},
      nonFinite: { inARow: 0, rollBacks: 0 },
      lossScale: { scale: 1, cleanSteps: 0, overflows: 0 },
      elapsedMs: 5,
      config: { ...config },
      configHash: configHash(config),
      codeVersion: '0.0.0',
      classes,
      inputShape: [size, size, 3],
    },
  })
  return { path, executor }
}

/** What a network gives for one image, uint8 [H,W,3], normalised as ImageNet's are. */
export function logitsOf({ executor }: SavedCheckpoint, pixels: Uint8Array): Float32Array {
  const [height, width] = executor.graph.inputShape
  const x = tf.tidy(() => {
    const image = tf.tensor4d(
      Float32Array.from(pixels, value => value / 255),
      [1, height, width, 3],
    )
    return tf.div<tf.Tensor4D>(tf.sub(image, [0.485, 0.456, 0.406]), [0.229, 0.224, 0.225])
  })
  const { logits } = executor.predict(x)
  return logits!.dataSync() as Float32Array
}
