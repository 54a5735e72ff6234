/** One rank of a training, for ranks.ts: our own trainer's steps on its part of a batch. A process that answers requests. */
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { joinRanks, type TorchCollective } from '../../core/backend/torch/ranks/collective.ts'
import { resolvePrecision, storagesOf } from '../../core/experiment/index.ts'
import { PrecisionInput } from '../../core/experiment/precision.ts'
import { createExecutor } from '../../core/graph/index.ts'
import { losses } from '../../core/losses/index.ts'
import { models } from '../../core/models/index.ts'
import { optimizers } from '../../core/optimizers/index.ts'
import { createLearner, type Learner } from '../../core/training/learner.ts'
import { trainStep } from '../../core/training/trainStep.ts'
import { peakBytes, serve } from './serve.ts'

export interface RankRequest {
  readonly rank: number
  readonly world: number
  /** Where ranks meet; of no use to one that is alone. */
  readonly meeting: string
  readonly model: string
  /** Of all ranks together. */
  readonly batch: number
  readonly size: number
  readonly precision: 'fp32' | 'bf16'
}

const loss = losses.create({ name: 'cross-entropy' })
const classes = 1000
let task: {
  readonly learner: Learner
  readonly collective: TorchCollective | null
  readonly request: RankRequest
}
let steps = 0

async function prepare(request: RankRequest): Promise<object> {
  const { rank, world, meeting, model, size } = request
  const wanted = request.precision === 'bf16' ? { level: 'O2', compute: 'bfloat16' } : {}
  const precision = resolvePrecision(PrecisionInput.parse(wanted))
  const started = await startBackend('torch', storagesOf(precision))
  const graph = models.create({ name: model })({
    height: size,
    width: size,
    channels: 3,
    classCount: classes,
  })
  const learner = createLearner(
    createExecutor(graph, { seed: 1, precision }),
    optimizers.create({ name: 'sgd', options: { momentum: 0.9, weightDecay: 1e-4 } }),
  )
  const place = {
    ...{ rank, world, localWorld: world, rendezvousMs: 60_000, collectiveMs: 120_000 },
    meeting: { kind: 'file', path: meeting },
  } as const
  const collective = world === 1 ? null : await joinRanks(place, () => {})
  task = { learner, collective, request }
  return { device: started.device, transport: collective?.transport ?? null }
}

/** Milliseconds of one of so many steps. */
async function step({ count }: { readonly count: number }): Promise<{ ms: number; loss: number }> {
  const { learner, collective, request } = task
  const { batch, world, size, rank } = request
  const own = batch / world
  const images = new Uint8Array(own * size * size * 3)
  for (let at = 0; at < images.length; at++) images[at] = ((at + rank * images.length) * 2654435761) >>> 24
  const labels = Int32Array.from({ length: own }, (_, at) => ((rank * own + at) * 37) % classes)
  const input = { size, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
  let value = NaN
  const startedMs = performance.now()
  for (let at = 0; at < count; at++) {
    const figures = await trainStep(
      learner,
      {
        ...{ number: 0, epoch: 0, count: own, bad: [], indices: new Int32Array(own), release: () => {} },
        ...{ images, labels },
      },
      {
        input,
        loss,
        classCount: classes,
        learningRate: 0.01,
        step: steps++,
        stepsPerEpoch: 100,
        seed: 0,
        collective,
      },
    )
    value = figures.loss
  }
  await learner.executor.parameters.get('fc.bias').data()
  return { ms: (performance.now() - startedMs) / count, loss: value }
}

function memory(): object {
  return { peakBytes: peakBytes(), tensors: tf.memory().numTensors }
}

await serve({ prepare, step, memory })
