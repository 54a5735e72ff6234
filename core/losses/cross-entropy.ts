/** Softmax cross-entropy with label smoothing, in the two definitions that published recipes use. */
import * as tf from '@tensorflow/tfjs-core'
import type { Scalar, Tensor } from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { entry } from '../registry/registry.ts'
import type { Loss } from './shared/loss.ts'

/** Loss and gradient at once, where the backend has it (core/backend/kernels). */
const fusedKernel = 'SoftmaxCrossEntropy'

const Options = z.strictObject({
  labelSmoothing: z.number().min(0).lt(1).default(0).meta({
    title: 'Label smoothing',
    description: 'Probability ε taken from the true class and spread over classes. 0 trains on plain labels.',
  }),
  smoothing: z
    .enum(['uniform', 'other-classes'])
    .default('uniform')
    .meta({
      title: 'Spread over',
      description:
        'uniform: target (1 − ε)·onehot + ε/K, as PyTorch, TensorFlow and timm do. ' +
        'other-classes: 1 − ε on the true class and ε/(K − 1) on each other, as MindSpore does.',
    }),
  auxiliaryWeight: z.number().min(0).max(10).default(0.4).meta({
    title: 'Auxiliary weight',
    description:
      'How much the auxiliary head counts, in networks that have one, with the same smoothing. 0.4 as slim; 0 leaves it untrained.',
  }),
})

export const crossEntropy = entry({
  name: 'cross-entropy',
  title: 'Cross-entropy',
  summary: 'Mean softmax cross-entropy over the batch, with optional label smoothing.',
  source:
    'Szegedy et al. 2016, Rethinking the Inception Architecture, §7; torch.nn.CrossEntropyLoss; MindSpore CrossEntropySmooth',
  options: Options,
  create: ({ labelSmoothing, smoothing, auxiliaryWeight }): Loss => ({
    needs: ['logits'],
    parameters: [],
    of: (outputs, { labels, classCount }) => {
      const { logits, auxLogits } = outputs
      if (!logits)
        throw new Error(`cross-entropy needs the output 'logits'; the network has ${Object.keys(outputs)}`)
      const targets = targetsOf(labelSmoothing, smoothing, classCount)
      const loss = ofLogits(logits, labels, classCount, targets)
      if (!auxLogits || auxiliaryWeight === 0) return loss
      const auxiliary = ofLogits(auxLogits, labels, classCount, targets)
      return tf.add<Scalar>(loss, tf.mul(auxiliary, auxiliaryWeight))
    },
  }),
})

/** Mean over the images. @param logits [B,K] */
function ofLogits(
  logits: Tensor,
  labels: Tensor,
  classCount: number,
  { onTrue, onOther }: { readonly onTrue: number; readonly onOther: number },
): Scalar {
  if (tf.getKernel(fusedKernel, tf.getBackend())) return fused(logits, labels, { onTrue, onOther })
  return tf.tidy(() => {
    // Cast apart: on wasm, one-hot values of type float32 come out as the bits of integers.
    const oneHot = tf.cast(tf.oneHot(labels as tf.Tensor1D, classCount), 'float32') // [B,K]
    const target = tf.add(tf.mul(oneHot, onTrue - onOther), onOther) // [B,K]
    const logProbabilities = tf.logSoftmax(logits) // [B,K]
    const perImage = tf.sum(tf.mul(target, logProbabilities), -1) // [B]
    return tf.neg<tf.Scalar>(tf.mean<tf.Scalar>(perImage)) // []
  })
}

/** The kernel's gradient waits for that of what is made of the loss, a number. */
function fused(logits: Tensor, labels: Tensor, attributes: { onTrue: number; onOther: number }): Scalar {
  const withGradient = tf.customGrad((x, save) => {
    const inputs = { logits: x as Tensor, labels }
    const [loss, gradient] = tf.engine().runKernel<[Scalar, Tensor]>(fusedKernel, inputs, attributes)
    ;(save as (tensors: Tensor[]) => void)([gradient])
    return { value: loss, gradFunc: (dy, saved) => tf.mul(saved[0]!, dy as Scalar) }
  })
  return tf.tidy(() => withGradient(logits) as Scalar)
}

/** Target probability of the true class and of each other class. */
function targetsOf(
  epsilon: number,
  smoothing: 'uniform' | 'other-classes',
  classCount: number,
): { readonly onTrue: number; readonly onOther: number } {
  if (smoothing === 'other-classes') return { onTrue: 1 - epsilon, onOther: epsilon / (classCount - 1) }
  return { onTrue: 1 - epsilon + epsilon / classCount, onOther: epsilon / classCount }
}
