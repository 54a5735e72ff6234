/** A convolution as products of patches, which lie in memory as kh pieces of kw·Cin floats, with panels of the filter. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { ConvolutionInfo } from '../kernels/shared/convolution.ts'
import { convolve, leastImages, workBytes } from './convolve.ts'
import type { SimdModule } from './module.ts'
import { borderOf, padImages, paddingPlan } from './padding.ts'
import type { Images } from './padding.ts'
import { packedPanels, panelsBytes } from './panels.ts'

/**
 * @param x [N,H,W,Cin]
 * @param filter [kh,kw,Cin,Cout]
 * @returns [N,oh,ow,Cout]
 */
export function forwardConvolution(
  simd: SimdModule,
  x: TensorInfo,
  filter: TensorInfo,
  info: ConvolutionInfo,
): TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info
  const { filterHeight, filterWidth } = info
  const images: Images = {
    address: simd.address(x),
    images: batchSize,
    height: inHeight,
    width: inWidth,
    channels: inChannels,
  }
  const border = borderOf(info)
  const out = simd.output([batchSize, outHeight, outWidth, outChannels])

  const rows = filterHeight * filterWidth * inChannels
  const panelSize = panelsBytes(rows, outChannels)
  const workSize = workBytes({ columns: outChannels, pixels: outWidth })
  const least = leastImages(outHeight * outWidth)
  const scratch = simd.scratch(panelSize + workSize + paddingPlan(images, border, least).scratchBytes)
  const padded = padImages(simd, images, border, scratch + panelSize + workSize, least)
  const matrix = { address: simd.address(filter), rows, rowStride: 4 * outChannels, columnStride: 4 }

  const outLineBytes = 4 * outWidth * outChannels
  const plan = {
    images: batchSize,
    lines: outHeight,
    pixels: outWidth,
    source: 0,
    padded,
    sourceImageStride: padded.imageBytes,
    sourceLineStride: info.strideHeight * padded.lineBytes,
    sourcePixelStride: 4 * info.strideWidth * inChannels,
    tapLines: filterHeight,
    run: filterWidth * inChannels,
    tapLineStride: padded.lineBytes,
    out: simd.address(out),
    outImageStride: outHeight * outLineBytes,
    outLineStride: outLineBytes,
    outPixelStride: 4 * outChannels,
    panelAt: packedPanels(simd, scratch, [matrix], outChannels),
    columns: outChannels,
  }
  convolve(simd, plan, scratch + panelSize)
  return out
}
