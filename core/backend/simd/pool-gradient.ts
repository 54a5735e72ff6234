/** Gradients of max and average pooling, line by line. */
import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core'
import type { SimdModule } from './module.ts'

/**
 * @param x the layer's input [N,H,W,C]; null for the average, whose gradient does not depend on it
 * @param dy [N,oh,ow,C]
 * @returns [N,H,W,C]
 */
export function poolGradient(
  simd: SimdModule,
  x: TensorInfo | null,
  dy: TensorInfo,
  info: backend_util.Conv2DInfo,
): TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, padInfo } = info
  const dx = simd.output([batchSize, inHeight, inWidth, inChannels])
  const lineBytes = 4 * inWidth * inChannels
  simd.zero(simd.address(dx), batchSize * inHeight * lineBytes)
  const [xAddress, dyAddress, dxAddress] = [x ? simd.address(x) : 0, simd.address(dy), simd.address(dx)]
  const geometry = [info.filterWidth, info.strideWidth, padInfo.left, inWidth, inChannels, lineBytes] as const
  for (let image = 0; image < batchSize; image++) {
    for (let line = 0; line < outHeight; line++) {
      const start = line * info.strideHeight - padInfo.top
      const [first, end] = [Math.max(0, start), Math.min(inHeight, start + filterHeight)]
      const offset = (image * inHeight + first) * lineBytes
      const dyLine = dyAddress + 4 * (image * outHeight + line) * outWidth * inChannels
      simd.call(
        x ? 'maxPoolLine' : 'averagePoolLine',
        ...[xAddress + offset, dyLine, dxAddress + offset, outWidth, Math.max(0, end - first)],
        ...geometry,
      )
    }
  }
  return dx
}
