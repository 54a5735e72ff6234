/**
 * Gradient of average pooling. tfjs's layer divides by the number of pixels inside the image, but its gradient by the window's
 * size, which differs at a padded border: dy is divided by the right number first. TensorFlow's divides rightly, but has no
 * explicit padding.
 */
import { mul, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { poolGradient } from '../simd/pool-gradient.ts'
import { cropImages, isOfTensorflow, paddedShape } from './shared/explicit-padding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { runOriginal } from './shared/originals.ts'
import { inverseCounts, poolInfo, windowPerCount } from './shared/pooling.ts'
import type { PoolAttributes } from './shared/pooling.ts'

interface Inputs {
  readonly dy: Tensor
  /** The layer's input [N,H,W,C]; only its shape matters. */
  readonly input: Tensor
}
type Call = KernelCall<Inputs, PoolAttributes>

export const AvgPoolGrad: KernelEntry = {
  name: 'AvgPoolGrad',
  summary: 'Gradient of average pooling',
  on: {
    wasm: implement<Inputs, PoolAttributes>(onWasm),
    tensorflow: implement<Inputs, PoolAttributes>(onTensorflow),
  },
  reference: implement<Inputs, PoolAttributes>(corrected),
}

function onWasm({ inputs, attrs, backend }: Call): TensorInfo {
  const info = poolInfo(inputs.input.shape, attrs)
  const shares = tidy(() => mul(inputs.dy, inverseCounts(info)))
  const dx = poolGradient(simdModule(backend), null, shares, info)
  shares.dispose()
  return dx
}

function onTensorflow({ inputs, attrs, backend }: Call): Tensor {
  const info = poolInfo(inputs.input.shape, attrs)
  if (isOfTensorflow(info)) return runOriginal('AvgPoolGrad', { inputs: { ...inputs }, attrs, backend })
  return tidy(() => {
    const dy = mul(inputs.dy, windowPerCount(info)) // [N,oh,ow,C]
    // Only the shape of the input is read.
    const input: TensorInfo = { dataId: inputs.input.dataId, dtype: 'float32', shape: paddedShape(info) }
    const call = { inputs: { dy, input }, attrs: { ...attrs, pad: 'valid' }, backend }
    return cropImages(runOriginal('AvgPoolGrad', call), info)
  })
}

/** tfjs's own gradient, of dy · (window's size / pixels inside the image). */
function corrected({ inputs: { dy, input }, attrs, backend }: Call): Tensor {
  return tidy(() => {
    const scaled = mul(dy, windowPerCount(poolInfo(input.shape, attrs)))
    return runOriginal('AvgPoolGrad', { inputs: { dy: scaled, input }, attrs, backend })
  })
}
