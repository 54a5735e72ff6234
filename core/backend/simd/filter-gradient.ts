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
  const { images, height, width } = outputLines(info)
  const blockLines = clamp(Math.floor(pixelsPerBlock / width), height)
  const blockPixels = Math.min(pixelsPerBlock, width)
  const blockImages =
    blockLines < height ? 1 : clamp(Math.floor(pixelsPerBlock / (height * width)), x.blockImages)
  for (let image = 0; image < images; image += blockImages) {
    const imageCount = Math.min(blockImages, images - image)
    const source = x.load(image, imageCount)
    for (let line = 0; line < height; line += blockLines) {
      for (let pixel = 0; pixel < width; pixel += blockPixels) {
        const [lines, pixels] = [Math.min(blockLines, height - line), Math.min(blockPixels, width - pixel)]
        const dyBlock = dy + 4 * ((image * height + line) * width + pixel) * columns
        addBlock(
          simd,
          { x, source, dy: dyBlock, images: imageCount, line, lines, pixel, pixels },
          sums,
          info,
          columns,
        )
      }
    }
  }
}

function clamp(value: number, largest: number): number {
  return Math.max(1, Math.min(value, largest))
}

interface Block {
  readonly x: PaddedImages
  /** Address of the first padded image. */
  readonly source: number
  /** Address of the block's first output gradient. */
  readonly dy: number
  readonly images: number
  readonly line: number
  readonly lines: number
  readonly pixel: number
  readonly pixels: number
}

function addBlock(
  simd: SimdModule,
  block: Block,
  sums: number,
  info: ConvolutionInfo,
  columns: number,
): void {
  const { x, lines, pixels } = block
  const { filterHeight, filterWidth, inChannels } = info
  const [pixelStride, lineStride] = [4 * info.strideWidth * inChannels, info.strideHeight * x.lineBytes]
  const run = filterWidth * inChannels
  const tail = [
    pixelStride,
    lineStride - pixels * pixelStride,
    x.imageBytes - lines * lineStride,
    4 * columns,
  ] as const
  const tiles = tilesOf(run)
  for (let tap = 0; tap < filterHeight; tap++) {
    const patch = block.source + tap * x.lineBytes + block.line * lineStride + block.pixel * pixelStride
    for (const { row, size } of tiles) {
      for (let column = 0; column < columns; column += panelColumns) {
        const out = sums + 4 * ((tap * run + row) * columns + column)
        const head = [patch + 4 * row, block.dy + 4 * column, out, 4 * columns] as const
        simd.call(`filterTile${size}`, ...head, block.images, lines, pixels, ...tail)
      }
    }
  }
}

/** Rows in tiles of nearly equal size, as small tiles use the registers badly. */
function tilesOf(rows: number): { readonly row: number; readonly size: number }[] {
  const count = Math.ceil(rows / maxTileRows)
  const size = Math.ceil(rows / count)
  const larger = count - (count * size - rows)
  return Array.from({ length: count }, (_, tile) =>
    tile < larger
      ? { row: tile * size, size }
      : { row: larger * size + (tile - larger) * (size - 1), size: size - 1 },
  )
}

/** The outputs; of a 1×1 filter over every pixel, all of them as one line, as their patches lie one after the other. */
function outputLines(info: ConvolutionInfo): { images: number; height: number; width: number } {
  const { batchSize, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info
  const isPointwise =
    filterHeight * filterWidth * strideHeight * strideWidth === 1 && !needsBorder(borderOf(info))
  if (isPointwise) return { images: 1, height: 1, width: batchSize * outHeight * outWidth }
  return { images: batchSize, height: outHeight, width: outWidth }
}
