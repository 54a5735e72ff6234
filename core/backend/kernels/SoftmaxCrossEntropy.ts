/**
 * Mean softmax cross-entropy of a batch and its gradient. The target gives the label's class the probability `onTrue` and each
 * other `onOther`, which covers the usual definitions of label smoothing.
 */
import {
  add,
  cast,
  div,
  exp,
  logSoftmax,
  mean,
  mul,
  neg,
  oneHot,
  sub,
  sum,
  tidy,
} from '@tensorflow/tfjs-core'
import type { Tensor, Tensor1D, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { adoptAll, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [B,K] */
  readonly logits: Tensor
  /** int32 [B] */
  readonly labels: Tensor
}
interface Attributes {
  readonly onTrue: number
  readonly onOther: number
}
type Call = KernelCall<Inputs, Attributes>

export const SoftmaxCrossEntropy: KernelEntry = {
  name: 'SoftmaxCrossEntropy',
  summary: 'Mean softmax cross-entropy [] and its gradient [B,K]',
  on: { torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

function reference({ inputs, attrs }: Pick<Call, 'inputs' | 'attrs'>): Tensor[] {
  const { logits, labels } = inputs
  const { onTrue, onOther } = attrs
  const [batch, classes] = logits.shape as [number, number]
  return tidy(() => {
    // Cast apart: on wasm, one-hot values of type float32 come out as the bits of integers.
    const chosen = cast(oneHot(labels as Tensor1D, classes), 'float32') // [B,K]
    const target = add(mul(chosen, onTrue - onOther), onOther) // [B,K]
    const logProbabilities = logSoftmax(logits) // [B,K]
    const loss = neg(mean(sum(mul(target, logProbabilities), -1))) // []
    const total = onTrue + onOther * (classes - 1)
    return [loss, div(sub(mul(exp(logProbabilities), total), target), batch)]
  })
}

function onTorch({ inputs: { logits, labels }, attrs, backend }: Call): TensorInfo[] {
  const torch = torchOf(backend)
  const { onTrue, onOther } = attrs
  const made = torch.addon.crossEntropy(torch.handle(logits), torch.handle(labels), onTrue, onOther)
  return adoptAll(torch, made, [[], logits.shape])
}
