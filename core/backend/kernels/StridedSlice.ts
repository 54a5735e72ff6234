/** Every s-th row and pixel of images for wasm, a pixel at a time; tfjs copies value by value and keeps the other cases. */
import { slice_util } from '@tensorflow/tfjs-core'
import type { KernelFunc, StridedSliceAttrs, Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { originalKernel } from './shared/originals.ts'

interface Inputs {
  readonly x: Tensor
}

export const StridedSlice: KernelEntry = {
  name: 'StridedSlice',
  summary: 'Part of a tensor, with a step along each dimension',
  on: { wasm: implement<Inputs, StridedSliceAttrs>(onWasm) },
}

function onWasm(call: KernelCall<Inputs, StridedSliceAttrs>): TensorInfo | TensorInfo[] {
  const { x } = call.inputs
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = call.attrs
  const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const
  const part = slice_util.sliceInfo(x.shape, begin, end, strides, ...masks)
  const [batch = 0, height = 0, width = 0, channels = 0] = part.finalShape
  const isImages =
    x.dtype === 'float32' &&
    x.rank === 4 &&
    part.finalShape.length === 4 &&
    part.strides.every(stride => stride > 0) &&
    channels === x.shape[3]
  if (!isImages) return originalKernel('StridedSlice', 'wasm')(call as unknown as Parameters<KernelFunc>[0])
  const simd = simdModule(call.backend)
  const out = simd.output(part.finalShape)
  const [inHeight = 0, inWidth = 0] = x.shape.slice(1)
  const pixelBytes = 4 * channels
  for (let image = 0; image < batch; image++) {
    for (let line = 0; line < height; line++) {
      const fromImage = part.begin[0]! + image * part.strides[0]!
      const fromLine = fromImage * inHeight + part.begin[1]! + line * part.strides[1]!
      const from = simd.address(x) + (fromLine * inWidth + part.begin[2]!) * pixelBytes
      const to = simd.address(out) + (image * height + line) * width * pixelBytes
      simd.call('copyLines', from, to, width, pixelBytes, part.strides[2]! * pixelBytes, pixelBytes)
    }
  }
  return out
}
