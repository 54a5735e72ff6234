/** The activations that tfjs fuses into products. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { Handle } from '../../binding.ts'
import type { Work } from './work.ts'

export interface Activation {
  readonly activation?: string
  readonly leakyreluAlpha?: number
}

export interface Tail {
  readonly bias?: TensorInfo
  readonly preluActivationWeights?: TensorInfo
}

/** Bias, then activation. @param broadcast gives bias and slopes the shape that broadcasts to `y` */
export function addTail(
  work: Work,
  y: Handle,
  { bias, preluActivationWeights: slopes }: Tail,
  { activation = 'linear', leakyreluAlpha = 0.2 }: Activation,
  broadcast: (tensor: TensorInfo) => Handle = tensor => work.of(tensor),
): Handle {
  const stored = work.backend.addon.dtype(y)
  const beside = (tensor: TensorInfo): Handle => work.as(broadcast(tensor), stored)
  const x = bias ? work.run('aten::add.Tensor', y, beside(bias)) : y
  switch (activation) {
    case 'linear':
      return x
    case 'relu':
      return work.run('aten::relu', x)
    case 'relu6':
      return work.run('aten::clamp', x, 0, 6)
    case 'elu':
      return work.run('aten::elu', x)
    case 'sigmoid':
      return work.run('aten::sigmoid', x)
    case 'leakyrelu':
      return work.run('aten::leaky_relu', x, leakyreluAlpha)
    case 'prelu': {
      const negative = work.run('aten::mul.Tensor', x, beside(slopes!))
      return work.run('aten::where.self', work.run('aten::ge.Scalar', x, 0), x, negative)
    }
    default:
      throw new Error(`Activation ${activation} is not one that tfjs fuses`)
  }
}
