/**
 * Batch norm with an addition and a ReLU behind it, forward, and what becomes of the running statistics.
 *
 * @source Ioffe and Szegedy 2015; torch.nn.BatchNorm2d.
 */
import { add, clone, div, engine, mul, sqrt, sub, tidy } from '@tensorflow/tfjs-core'
import type { NamedTensorMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { rowsOf } from './shared/channels.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { adoptAll, handleOrNull, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [...,C] */
  readonly x: Tensor
  readonly gamma: Tensor
  readonly beta: Tensor
  readonly runningMean: Tensor
  readonly runningVariance: Tensor
  readonly addend?: Tensor
}
interface Attributes {
  readonly epsilon: number
  /** Weight of the batch in the running statistics. */
  readonly momentum: number
  /** Statistics of the batch; otherwise the running ones. */
  readonly training: boolean
  readonly relu?: boolean
}
type Call = KernelCall<Inputs, Attributes>

export const BatchNorm: KernelEntry = {
  name: 'BatchNorm',
  summary:
    'y of batch norm [+ addend] [+ ReLU], mean, 1/σ, and in training the new running mean and variance',
  on: { torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

function reference({ inputs, attrs }: Pick<Call, 'inputs' | 'attrs'>): Tensor[] {
  const { x, gamma, beta, runningMean, runningVariance, addend } = inputs
  const { epsilon, momentum, training, relu = false } = attrs
  return tidy(() => {
    const [mean, variance] = training
      ? engine().runKernel<[Tensor, Tensor]>('ChannelMoments', { x })
      : [clone(runningMean), runningVariance]
    const inverseStd = div<Tensor>(1, sqrt(add(variance, epsilon))) // [C]
    const scale = mul(gamma, inverseStd)
    const shift = sub(beta, mul(mean, scale))
    const scaled: NamedTensorMap = { x, scale, shift, ...(addend ? { addend } : {}) }
    const y = engine().runKernel<Tensor>('ScaleShift', scaled, { relu })
    if (!training) return [y, mean, inverseStd]
    const { rows } = rowsOf(x)
    const blend = (old: Tensor, fresh: Tensor): Tensor => add(mul(old, 1 - momentum), mul(fresh, momentum))
    const unbiased = mul(variance, rows / (rows - 1))
    return [y, mean, inverseStd, blend(runningMean, mean), blend(runningVariance, unbiased)]
  })
}

function onTorch({ inputs, attrs, backend }: Call): TensorInfo[] {
  const torch = torchOf(backend)
  const { x, gamma, beta, runningMean, runningVariance, addend } = inputs
  const { epsilon, momentum, training, relu = false } = attrs
  const [input, ...vectors] = [x, gamma, beta, runningMean, runningVariance].map(each => torch.handle(each))
  const [g, b, mean, variance] = vectors as [number, number, number, number]
  const added = handleOrNull(torch, addend)
  const made = torch.addon.batchNorm(input!, g, b, mean, variance, added, epsilon, momentum, training, relu)
  const [, ...perChannel] = made
  return adoptAll(torch, made, [x.shape, ...perChannel.map(() => gamma.shape)])
}
