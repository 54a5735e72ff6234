/** Binary cross-entropy: every class a question of its own. */
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Loss } from './shared/loss.ts'

export const binaryCrossEntropy = entry({
  name: 'binary-cross-entropy',
  title: 'Binary cross-entropy',
  summary: 'Mean over images and classes of the cross-entropy of each class by itself.',
  source:
    "Wightman et al. 2021, ResNet strikes back, §2; timm's BinaryCrossEntropy; torch.nn.BCEWithLogitsLoss",
  options: z.strictObject({
    labelSmoothing: z.number().min(0).lt(1).default(0).meta({
      title: 'Label smoothing',
      description: 'Probability ε taken from the true class and spread over all classes.',
    }),
    sum: z.boolean().default(false).meta({
      title: 'Sum over classes',
      description: 'Sum over the classes and average over the images, instead of averaging over both.',
    }),
  }),
  create: ({ labelSmoothing, sum }): Loss => ({
    needs: ['logits'],
    parameters: [],
    of: ({ logits }, { labels, classCount }) =>
      tf.tidy(() => {
        const oneHot = tf.cast(tf.oneHot(labels, classCount), 'float32') // [B,K]
        const target = tf.add(tf.mul(oneHot, 1 - labelSmoothing), labelSmoothing / classCount)
        // max(x, 0) − x·t + log(1 + e^−|x|), which never overflows
        const x = logits!
        const soft = tf.log(tf.add(tf.exp(tf.neg(tf.abs(x))), 1))
        const each = tf.add(tf.sub(tf.relu(x), tf.mul(x, target)), soft) // [B,K]
        return tf.mean<Scalar>(sum ? tf.sum(each, 1) : each)
      }),
  }),
})
