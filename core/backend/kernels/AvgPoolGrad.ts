/**
 * Gradient of average pooling. tfjs's layer divides by the number of pixels inside the image, but its gradient by the window's
 * size, which differs at a padded border: on every backend, dy is divided by the right number first.
 */
import { engine, mul, tidy } from '@tensorflow/tfjs-core'
import type { KernelFunc, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { poolGradient } from '../simd/pool-gradient.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { originalKernel } from './shared/originals.ts'
import { inverseCounts, poolInfo } from './shared/pooling.ts'
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
  on: { wasm: implement<Inputs, PoolAttributes>(onWasm) },
  reference: implement<Inputs, PoolAttributes>(corrected),
}

function onWasm({ inputs, attrs, backend }: Call): TensorInfo {
  const info = poolInfo(inputs.input.shape, attrs)
  const shares = tidy(() => mul(inputs.dy, inverseCounts(info)))
  const dx = poolGradient(simdModule(backend), null, shares, info)
  shares.dispose()
  return dx
}

/** tfjs's own gradient, of dy · (window's size / pixels inside the image). */
function corrected(call: Call): Tensor {
  const { dy, input } = call.inputs
  const info = poolInfo(input.shape, call.attrs)
  const own = originalKernel('AvgPoolGrad', engine().backendName)
  return tidy(() => {
    const scaled = mul(dy, mul(inverseCounts(info), info.filterHeight * info.filterWidth))
    const args = { ...call, inputs: { dy: scaled, input } } as unknown as Parameters<KernelFunc>[0]
    const made = own(args) as TensorInfo
    return engine().makeTensorFromTensorInfo(made)
  })
}
