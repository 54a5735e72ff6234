/**
 * Gradient of a convolution with respect to its filter: for every tap row, the sum over output pixels of the outer product of
 * a patch row (kw·Cin floats, side by side in memory) and dy's channels.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { ConvolutionInfo } from '../kernels/shared/convolution.ts'
import { panelColumns } from './convolve.ts'
import { maxTileRows } from './filter-tile.ts'
import type { SimdModule } from './module.ts'
import { borderOf, needsBorder, padImages, paddingPlan } from './padding.ts'
import type { Images, PaddedImages } from './padding.ts'

/** Outputs that one call sums up: few enough to stay in the cache, many enough to pay for loading and storing the sums. */
const pixelsPerBlock = 256

/**
 * @param x [N,H,W,Cin]
 * @param dy [N,oh,ow,Cout]
 * @returns [kh,kw,Cin,Cout]
 */
export function filterGradient(
  simd: SimdModule,
  x: TensorInfo,
  dy: TensorInfo,
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
  const out = simd.output([filterHeight, filterWidth, inChannels, outChannels])

  const columns = Math.ceil(outChannels / panelColumns) * panelColumns
  const rows = filterHeight * filterWidth * inChannels
  const isWhole = columns === outChannels
  const outputs = batchSize * outHeight * outWidth
  const widenedBytes = isWhole ? 0 : 4 * (outputs + rows) * columns
  const scratch = simd.scratch(widenedBytes + paddingPlan(images, border).scratchBytes)
  const padded = padImages(simd, images, border, scratch + widenedBytes)
  const sums = isWhole ? simd.address(out) : scratch + 4 * outputs * columns
  const gradients = isWhole ? simd.address(dy) : widen(simd, dy, outputs, outChannels, columns, scratch)
  simd.zero(sums, 4 * rows * columns)
  accumulate(simd, padded, gradients, sums, info, columns)
  if (!isWhole)
    simd.call('copyLines', sums, simd.address(out), rows, 4 * outChannels, 4 * columns, 4 * outChannels)
  return out
}

/** A copy of dy whose channels are filled up with zeros to a multiple of 8. */
function widen(
  simd: SimdModule,
  dy: TensorInfo,
  outputs: number,
  outChannels: number,
  columns: number,
  target: number,
): number {
  simd.zero(target, 4 * outputs * columns)
  simd.call('copyLines', simd.address(dy), target, outputs, 4 * outChannels, 4 * outChannels, 4 * columns)
  return target
}

function accumulate(
  simd: SimdModule,
  x: PaddedImages,
  dy: number,
  sums: number,
  info: ConvolutionInfo,
  columns: number,
): void {
  const { filterHeight, filterWidth, inChannels, strideHeight, strideWidth } = info
  const { images, height, width } = outputLines(info)
  const linesPerBlock = Math.max(1, Math.min(height, Math.floor(pixelsPerBlock / width)))
  const { lineBytes } = x
  const [pixelStride, lineStride] = [4 * strideWidth * inChannels, strideHeight * lineBytes]
  const run = filterWidth * inChannels
  const block = (
    source: number,
    image: number,
    line: number,
    lines: number,
    pixel: number,
    pixels: number,
  ): void => {
    const dyBlock = dy + 4 * ((image * height + line) * width + pixel) * columns
    for (let tap = 0; tap < filterHeight; tap++) {
      const patch = source + tap * lineBytes + line * lineStride + pixel * pixelStride
      const geometry = { lines, pixels, pixelStride, lineStride }
      addOuterProducts(simd, patch, dyBlock, sums + 4 * tap * run * columns, run, columns, geometry)
    }
  }
  for (let image = 0; image < images; image++) {
    const source = x.load(image, 1)
    for (let line = 0; line < height; line += linesPerBlock) {
      for (let pixel = 0; pixel < width; pixel += pixelsPerBlock) {
        const [lines, pixels] = [
          Math.min(linesPerBlock, height - line),
          Math.min(pixelsPerBlock, width - pixel),
        ]
        block(source, image, line, lines, pixel, pixels)
      }
    }
  }
}

/** The outputs; of a 1×1 filter over every pixel, all of them as one line, as their patches lie one after the other. */
function outputLines(info: ConvolutionInfo): { images: number; height: number; width: number } {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info
  const isPointwise =
    filterHeight * filterWidth * strideHeight * strideWidth === 1 && !needsBorder(borderOf(info))
  if (isPointwise) return { images: 1, height: 1, width: batchSize * outHeight * outWidth }
  return { images: batchSize, height: outHeight, width: outWidth }
}

interface Geometry {
  readonly lines: number
  readonly pixels: number
  readonly pixelStride: number
  readonly lineStride: number
}

function addOuterProducts(
  simd: SimdModule,
  patch: number,
  dy: number,
  sums: number,
  run: number,
  columns: number,
  { lines, pixels, pixelStride, lineStride }: Geometry,
): void {
  const tiles = Math.ceil(run / maxTileRows)
  const rows = Math.ceil(run / tiles)
  const smaller = tiles * rows - run
  const skip = lineStride - pixels * pixelStride
  let row = 0
  for (let tile = 0; tile < tiles; tile++) {
    const size = tile < tiles - smaller ? rows : rows - 1
    for (let column = 0; column < columns; column += panelColumns) {
      const [x, out] = [patch + 4 * row, sums + 4 * (row * columns + column)]
      simd.call(
        `filterTile${size}`,
        x,
        dy + 4 * column,
        out,
        4 * columns,
        lines,
        pixels,
        pixelStride,
        skip,
        4 * columns,
      )
    }
    row += size
  }
}
