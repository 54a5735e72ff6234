/** MultiGrain's loss: classes and instances at once. */
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import { crossEntropy } from './cross-entropy.ts'
import { distances, normalised, withoutGradient } from './shared/embeddings.ts'
import type { Loss, Targets } from './shared/loss.ts'
import { marginLoss } from './shared/marginLoss.ts'
import { chooseNegatives } from './shared/negatives.ts'
import { pairsOf } from './shared/pairs.ts'
import { orderedTripletLoss, tripletLoss } from './shared/tripletLoss.ts'

const betaRole = 'margin.beta'

const Options = z.strictObject({
  classWeight: z.number().min(0).max(1).default(0.5).meta({
    title: 'Weight of the classes (λ)',
    description:
      'λ·cross-entropy + (1 − λ)·loss of instances: 1 trains a classifier alone, 0 an embedding alone',
  }),
  instanceLoss: z.enum(['margin', 'triplet', 'ordered-triplet']).default('margin').meta({
    title: 'Loss of instances',
    description:
      'margin: pairs against a learned boundary, as the paper; triplet: an image, one of its own and another; ordered-triplet: the batch as rows of anchor, positive, negative',
  }),
  instances: z.enum(['image', 'class']).default('image').meta({
    title: 'Same instance',
    description:
      'image: copies of one image (needs a sampler that repeats images); class: images of one class',
  }),
  margin: z.number().min(0).max(2).default(0.2).meta({
    title: 'Margin',
    description:
      'By how much pairs must be on their side. The paper has 0.2; for triplets 0.05 or 0.1 is usual',
  }),
  beta: z.number().min(0).max(2).default(1.2).meta({
    title: 'Boundary (β)',
    description: 'Where the learned boundary between near and far begins; margin loss only',
  }),
  betaLearningRate: z.number().min(0).max(1e4).default(1).meta({
    title: 'Rate of the boundary',
    description: 'Learning rate of β, times that of the run; 0 keeps it',
  }),
  negatives: z.enum(['row-wise', 'upstream', 'uniform']).default('row-wise').meta({
    title: 'Negatives',
    description:
      'row-wise: drawn so that all distances are equally likely, for each image by itself; upstream: as the published code, which is nearly uniform in practice; uniform: any other image. Margin loss only',
  }),
  miner: z.enum(['all', 'hard', 'semi-hard', 'batch-hard']).default('batch-hard').meta({
    title: 'Triplets',
    description:
      'all: within the miner’s margin; hard: only those the wrong way round; semi-hard: only those the right way round within it; batch-hard: the farthest positive and nearest negative of each image',
  }),
  minerMargin: z.number().min(0).max(2).default(0.2).meta({
    title: 'Miner’s margin',
    description: 'Triplets whose negative is farther than the positive by more than this are left out',
  }),
  labelSmoothing: crossEntropy.options.shape.labelSmoothing,
  smoothing: crossEntropy.options.shape.smoothing,
})

type MultigrainOptions = z.output<typeof Options>

export const multigrain = entry({
  name: 'multigrain',
  title: 'MultiGrain',
  summary: 'λ·cross-entropy + (1 − λ)·margin or triplet loss on normalised embeddings.',
  source:
    'Berman et al. 2019, MultiGrain; Wu et al. 2017 for the margin loss; MCH1997/multigrain for ordered triplets',
  options: Options,
  create: (options): Loss => {
    const { classWeight, labelSmoothing, smoothing, instanceLoss, beta, betaLearningRate } = options
    const classes = crossEntropy.create(crossEntropy.options.parse({ labelSmoothing, smoothing }))
    const hasInstances = classWeight < 1
    const boundary = { role: betaRole, initial: beta, learningRateFactor: betaLearningRate }
    return {
      needs: [...(classWeight > 0 ? ['logits'] : []), ...(hasInstances ? ['embedding'] : [])],
      parameters: hasInstances && instanceLoss === 'margin' ? [boundary] : [],
      of: (outputs, targets) => {
        if (!hasInstances) return classes.of(outputs, targets)
        const instances = instanceTerm(outputs, targets, options)
        if (classWeight === 0) return instances
        const sum = tf.add(
          tf.mul(classes.of(outputs, targets), classWeight),
          tf.mul(instances, 1 - classWeight),
        )
        return sum as Scalar
      },
    }
  },
})

function instanceTerm(
  outputs: Readonly<Record<string, Tensor>>,
  { host, seed }: Targets,
  options: MultigrainOptions,
): Scalar {
  const e = normalised(outputs['embedding']!) // [B,C]
  if (options.instanceLoss === 'ordered-triplet') return orderedTripletLoss(e, options.margin)
  const pairs = pairsOf(options.instances === 'image' ? host.instances : host.labels)
  if (options.instanceLoss === 'triplet') return tripletLoss(e, pairs, options)
  const d = distances(e) // [B,B]
  const negatives = withoutGradient(d, each =>
    chooseNegatives(each, e.shape[1], pairs, options.negatives, seed),
  )
  return marginLoss(d, outputs[betaRole]!, pairs.same, negatives, options.margin)
}
