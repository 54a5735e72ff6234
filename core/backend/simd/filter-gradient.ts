/**
 * Gradient of a convolution with respect to its filter: for every tap row, the sum over output pixels of the outer product of
 * a patch row (kw·Cin floats, side by side in memory) and dy's channels.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { ConvolutionInfo } from '../kernels/shared/convolution.ts'
import { maxTileRows } from './filter-tile.ts'
import type { SimdModule } from './module.ts'
import { borderOf, needsBorder, padImages, paddingPlan } from './padding.ts'
import type { Images, PaddedImages } from './padding.ts'
import { panelColumns } from './panels.ts'

/**
 * Outputs that one call sums up: many, to pay for loading and storing the sums, but so few that dy's part stays in the
 * second-level cache.
 */
function pixelsPerBlock(columns: number): number {
  return Math.max(128, Math.min(1024, Math.floor(2 ** 17 / columns)))
}

/** Bytes of one row of a panel. */
const vectorsBytes = 4 * panelColumns

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
  const packed = packedBytes(columns)
  const leastImages = Math.floor(pixelsPerBlock(columns) / (outHeight * outWidth))
  const paddedBytes = paddingPlan(images, border, leastImages).scratchBytes
  const scratch = simd.scratch(packed + widenedBytes + paddedBytes)
  const padded = padImages(simd, images, border, scratch + packed + widenedBytes, leastImages)
  const widened = scratch + packed
  const sums = isWhole ? simd.address(out) : widened + 4 * outputs * columns
  const gradients = isWhole ? simd.address(dy) : widen(simd, dy, outputs, outChannels, columns, widened)
  accumulate(simd, padded, gradients, { sums, packed: scratch }, info, columns)
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
  targets: Targets,
  info: ConvolutionInfo,
  columns: number,
): void {
  const { images, height, width } = outputLines(info)
  const most = pixelsPerBlock(columns)
  const blockLines = clamp(Math.floor(most / width), height)
  const blockPixels = Math.min(most, width)
  const blockImages = blockLines < height ? 1 : clamp(Math.floor(most / (height * width)), x.blockImages)
  for (let image = 0; image < images; image += blockImages) {
    const imageCount = Math.min(blockImages, images - image)
    const source = x.load(image, imageCount)
    for (let line = 0; line < height; line += blockLines) {
      for (let pixel = 0; pixel < width; pixel += blockPixels) {
        const [lines, pixels] = [Math.min(blockLines, height - line), Math.min(blockPixels, width - pixel)]
        const isFirst = image + line + pixel === 0
        const dyBlock = dy + 4 * ((image * height + line) * width + pixel) * columns
        addBlock(
          simd,
          { x, source, dy: dyBlock, images: imageCount, line, lines, pixel, pixels, isFirst },
          targets,
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

interface Targets {
  /** [kh·kw·Cin, columns] */
  readonly sums: number
  /** Working memory of `packedBytes`. */
  readonly packed: number
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
  readonly isFirst: boolean
}

/**
 * What lies far apart in memory falls into the same few lines of the cache. Copying it side by side first pays where it is read
 * often enough: dy for at least so many rows, a tile of patches for at least so many columns.
 */
const packing = { dy: { rows: 64, columns: 64 }, patches: { columns: 128 } } as const

/** Bytes of working memory for `addBlock`: dy's panels and one tile of patches. */
function packedBytes(columns: number): number {
  return 4 * pixelsPerBlock(columns) * (columns + maxTileRows)
}

/** Adds the outer products of a block of outputs to the sums; the first block's are the sums. */
function addBlock(
  simd: SimdModule,
  block: Block,
  { sums, packed }: Targets,
  info: ConvolutionInfo,
  columns: number,
): void {
  const { x, images, lines, pixels } = block
  // The first block finds whatever was in this memory before.
  const mode = block.isFirst ? 'set' : 'add'
  const { filterHeight, filterWidth, inChannels } = info
  const total = images * lines * pixels
  const [pixelStride, lineStride] = [4 * info.strideWidth * inChannels, info.strideHeight * x.lineBytes]
  const [lineSkip, imageSkip] = [lineStride - pixels * pixelStride, x.imageBytes - lines * lineStride]
  const run = filterWidth * inChannels
  const isDyPacked = filterHeight * run >= packing.dy.rows && columns >= packing.dy.columns
  if (isDyPacked) packDy(simd, block.dy, packed, total, columns)
  const dy = isDyPacked ? packed : block.dy
  const [dyPanelStride, dyStride] = isDyPacked
    ? [vectorsBytes * total, vectorsBytes]
    : [vectorsBytes, 4 * columns]
  const patches = packed + 4 * total * columns
  for (let tap = 0; tap < filterHeight; tap++) {
    const start = block.source + tap * x.lineBytes + block.line * lineStride + block.pixel * pixelStride
    for (const { row, size } of tilesOf(run)) {
      const far = [images, lines, pixels, pixelStride, lineSkip, imageSkip] as const
      const isPacked = columns >= packing.patches.columns
      if (isPacked) simd.call(`packPatches${size}`, start + 4 * row, patches, ...far)
      const near = isPacked ? ([1, 1, total, 4 * size, 0, 0] as const) : far
      const source = isPacked ? patches : start + 4 * row
      const out = sums + 4 * (tap * run + row) * columns
      const panels = columns / panelColumns
      simd.call(
        `${mode}FilterTile${size}`,
        source,
        dy,
        out,
        4 * columns,
        ...near,
        dyStride,
        panels,
        dyPanelStride,
      )
    }
  }
}

/** Panels of 8 columns, [pixels, 8] each. */
function packDy(simd: SimdModule, dy: number, target: number, pixels: number, columns: number): void {
  for (let panel = 0; panel < columns / panelColumns; panel++) {
    const [from, to] = [dy + vectorsBytes * panel, target + vectorsBytes * pixels * panel]
    simd.call('packRows', from, to, pixels, 4 * columns)
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
