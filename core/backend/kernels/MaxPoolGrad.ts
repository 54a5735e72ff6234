/**
 * Gradient of max pooling. tfjs's own on wasm is slow and wrong where all values of a window are negative: it takes the
 * smallest positive float for the least one. TensorFlow's has no explicit padding.
 */
import { tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { poolGradient } from '../simd/pool-gradient.ts'
import { cropImages, isOfTensorflow, padImages } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'
import { poolInfo } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'
import { geometryOf, torchOf } from './shared/torch.ts'

interface Inputs {
  readonly dy: Tensor
  /** The layer's input [N,H,W,C]. */
  readonly input: Tensor
  readonly output: Tensor
}

export const MaxPoolGrad: KernelEntry = {
  name: 'MaxPoolGrad',
  summary: 'Gradient of max pooling; the first of equal values gets it',
  on: {
    wasm: implement<Inputs, PoolAttributes>(({ inputs, attrs, backend }) =>
      poolGradient(simdModule(backend), inputs.input, inputs.dy, poolInfo(inputs.input.shape, attrs)),
    ),
    tensorflow: implement<Inputs, PoolAttributes>(onTensorflow),
    torch: implement<Inputs, PoolAttributes>(onTorch),
  },
}

function onTensorflow({ inputs, attrs, backend }: KernelCall<Inputs, PoolAttributes>): Tensor {
  const info = poolInfo(inputs.input.shape, attrs)
  if (isOfTensorflow(info)) return runOriginal('MaxPoolGrad', { inputs: { ...inputs }, attrs, backend })
  return tidy(() => {
    const input = padImages(inputs.input, info, -Infinity) // [N,H+,W+,C]
    const call = { inputs: { ...inputs, input }, attrs: { ...attrs, pad: 'valid' }, backend }
    return cropImages(runOriginal('MaxPoolGrad', call), info)
  })
}

function onTorch({ inputs, attrs, backend }: KernelCall<Inputs, PoolAttributes>): TensorInfo {
  const { dy, input } = inputs
  const geometry = geometryOf(poolInfo(input.shape, attrs))
  if (geometry === null) return runOriginal('MaxPoolGrad', { inputs: { ...inputs }, attrs, backend })
  const torch = torchOf(backend)
  const [y, positions] = torch.addon.maxPool(torch.handle(input), geometry) as [number, number]
  try {
    const dx = torch.addon.maxPoolGradient(torch.handle(dy), positions, input.shape, geometry)
    return torch.adopt(dx, input.shape, 'float32')
  } finally {
    torch.addon.dispose(y)
    torch.addon.dispose(positions)
  }
}
