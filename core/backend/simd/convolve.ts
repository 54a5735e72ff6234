/** Runs a convolution as tiles over lines of pixels, in blocks that fit the second-level cache. */
import type { ConvolutionInfo } from '../kernels/shared/convolution.ts'
import { maxTileRows } from './filter-tile.ts'
import type { SimdModule } from './module.ts'

/**
 * A batch of images, each of `lines` lines of `pixels` outputs. The patch of an output is `tapLines` pieces of `run` floats.
 * Addresses and strides are in bytes.
 */
export interface Convolution {
  readonly images: number
  readonly lines: number
  readonly pixels: number
  readonly source: number
  readonly sourceImageStride: number
  readonly sourceLineStride: number
  readonly sourcePixelStride: number
  readonly tapLines: number
  readonly run: number
  readonly tapLineStride: number
  readonly out: number
  readonly outImageStride: number
  readonly outLineStride: number
  readonly outPixelStride: number
  /** Panels of 8 columns, [tapLines·run, 8] each; the last one filled up with zeros. */
  readonly panels: number
  readonly columns: number
}

/** How the outputs of a convolution are taken: so many lines of so many pixels in each image. */
export interface OutputLines {
  readonly images: number
  readonly lines: number
  readonly pixels: number
  /** How many lines of the output make one line here. */
  readonly merged: number
}

export const panelColumns = 8
const blockBytes = 1 << 18
const longLine = 64

/** The outputs line by line; where input and output pixels correspond one to one, several short lines make one long line. */
export function linesOf(info: ConvolutionInfo): OutputLines {
  const { batchSize, outHeight, outWidth } = info
  if (!isPointwise(info)) return { images: batchSize, lines: outHeight, pixels: outWidth, merged: 1 }
  const total = batchSize * outHeight
  let merged = 1
  for (let factor = 2; factor * outWidth <= longLine; factor++) if (total % factor === 0) merged = factor
  return { images: 1, lines: total / merged, pixels: merged * outWidth, merged }
}

function isPointwise({
  filterHeight,
  filterWidth,
  strideHeight,
  strideWidth,
  padInfo,
}: ConvolutionInfo): boolean {
  const isUnpadded = padInfo.top + padInfo.bottom + padInfo.left + padInfo.right === 0
  return isUnpadded && filterHeight * filterWidth * strideHeight * strideWidth === 1
}

/** Bytes of the panels of a filter with so many rows and columns. */
export function panelsBytes(rows: number, columns: number): number {
  return 4 * rows * Math.ceil(columns / panelColumns) * panelColumns
}

/**
 * Packs a filter into panels.
 *
 * @param target address of the panels; `rowOffset` says at which of `totalRows` rows these rows begin.
 * @param source address of the first value; its strides are in bytes.
 */
export function packPanels(
  simd: SimdModule,
  target: { readonly address: number; readonly totalRows: number; readonly rowOffset: number },
  source: { readonly address: number; readonly rowStride: number; readonly columnStride: number },
  rows: number,
  columns: number,
): void {
  const { address, totalRows, rowOffset } = target
  for (let column = 0; column < columns; column += panelColumns) {
    const panel = address + 4 * totalRows * column + 4 * panelColumns * rowOffset
    const used = Math.min(panelColumns, columns - column)
    const { rowStride, columnStride } = source
    if (used < panelColumns) simd.zero(panel, 4 * panelColumns * rows)
    simd.call(
      'gather',
      source.address + column * columnStride,
      panel,
      rows,
      used,
      rowStride,
      columnStride,
      4 * panelColumns,
    )
  }
}

/**
 * Computes every output.
 *
 * @param tail working memory for one block of outputs 8 columns wide: `tailBytes(plan)` bytes.
 */
export function convolve(simd: SimdModule, plan: Convolution, tail: number): void {
  const linesPerBlock = Math.max(
    1,
    Math.min(plan.lines, Math.floor(blockBytes / Math.max(1, plan.sourceLineStride))),
  )
  const imagesPerBlock = imagesInBlock(plan)
  for (let image = 0; image < plan.images; image += imagesPerBlock) {
    const images = Math.min(imagesPerBlock, plan.images - image)
    for (let line = 0; line < plan.lines; line += linesPerBlock) {
      const lines = Math.min(linesPerBlock, plan.lines - line)
      convolveBlock(simd, plan, { image, images, line, lines }, tail)
    }
  }
}

/** Bytes of working memory for `convolve`. */
export function tailBytes(plan: Pick<Convolution, 'columns' | 'lines' | 'pixels'>): number {
  return plan.columns % panelColumns === 0 ? 0 : 4 * panelColumns * plan.lines * plan.pixels
}

interface Block {
  readonly image: number
  readonly images: number
  readonly line: number
  readonly lines: number
}

function imagesInBlock(plan: Convolution): number {
  return Math.max(1, Math.floor(blockBytes / Math.max(1, plan.sourceImageStride)))
}

function convolveBlock(simd: SimdModule, plan: Convolution, block: Block, tail: number): void {
  const panelBytes = 4 * panelColumns * plan.tapLines * plan.run
  for (let column = 0; column < plan.columns; column += panelColumns) {
    const panel = plan.panels + (column / panelColumns) * panelBytes
    const used = Math.min(panelColumns, plan.columns - column)
    for (let each = 0; each < block.images; each++) {
      const image = block.image + each
      const source = plan.source + image * plan.sourceImageStride + block.line * plan.sourceLineStride
      const out = plan.out + image * plan.outImageStride + block.line * plan.outLineStride + 4 * column
      if (used === panelColumns) {
        convolveLines(
          simd,
          plan,
          { source, panel, out, lines: block.lines },
          plan.outPixelStride,
          plan.outLineStride,
        )
        continue
      }
      const tailPixelStride = 4 * panelColumns
      const tailLineStride = tailPixelStride * plan.pixels
      convolveLines(
        simd,
        plan,
        { source, panel, out: tail, lines: block.lines },
        tailPixelStride,
        tailLineStride,
      )
      for (let line = 0; line < block.lines; line++) {
        const [from, to] = [tail + line * tailLineStride, out + line * plan.outLineStride]
        simd.call('gather', from, to, plan.pixels, used, tailPixelStride, 4, plan.outPixelStride)
      }
    }
  }
}

interface Lines {
  readonly source: number
  readonly panel: number
  readonly out: number
  readonly lines: number
}

/** Splits a line into tiles of nearly equal size: 14 pixels are 5 + 5 + 4, as small tiles use the registers badly. */
function convolveLines(
  simd: SimdModule,
  plan: Convolution,
  part: Lines,
  pixelStride: number,
  lineStride: number,
): void {
  const tiles = Math.ceil(plan.pixels / maxTileRows)
  const rows = Math.ceil(plan.pixels / tiles)
  const smaller = tiles * rows - plan.pixels
  const larger = tiles - smaller
  const { sourcePixelStride, sourceLineStride, tapLines, run, tapLineStride } = plan
  let { source, out } = part
  for (const [count, size] of [
    [larger, rows],
    [smaller, rows - 1],
  ] as const) {
    // prettier-ignore
    if (count === 0) continue
    const strides = [sourcePixelStride, sourceLineStride, pixelStride, lineStride] as const
    simd.call(
      `convTile${size}`,
      source,
      part.panel,
      out,
      count,
      part.lines,
      ...strides,
      tapLines,
      run,
      tapLineStride,
    )
    source += count * size * sourcePixelStride
    out += count * size * pixelStride
  }
}
