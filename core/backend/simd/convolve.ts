/** Runs a convolution as tiles of outputs, in blocks whose input fits the second-level cache. */
import { maxTileRows } from './filter-tile.ts'
import type { SimdModule } from './module.ts'
import type { PaddedImages } from './padding.ts'
import { panelColumns } from './panels.ts'
import type { PanelAt } from './panels.ts'

/**
 * A batch of images, each of `lines` lines of `pixels` outputs. The patch of an output is `tapLines` pieces of `run` floats.
 * Addresses and strides are in bytes.
 */
export interface Convolution {
  readonly images: number
  readonly lines: number
  readonly pixels: number
  /** Where the first patch begins, counted from the beginning of its image. */
  readonly source: number
  readonly padded: Pick<PaddedImages, 'blockImages' | 'isCopy' | 'load'>
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
  /** Panels [tapLines·run, 8] of the filter. */
  readonly panelAt: PanelAt
  readonly columns: number
}

const blockBytes = 1 << 18

/** Outputs of a block: at least so many where there are, to use a panel often, and at most, to keep the tables small. */
const [fewestOutputs, usefulOutputs, mostOutputs] = [48, 192, 2048]

/** Images of a block at least, so that a panel that is in the cache is used for enough outputs. */
export function leastImages(outputsPerImage: number): number {
  return Math.ceil(usefulOutputs / Math.max(1, outputsPerImage))
}

/** Bytes of working memory for `convolve`; `pixels` may be larger than the plan's. */
export function workBytes({ columns, pixels }: Pick<Convolution, 'columns' | 'pixels'>): number {
  const isWhole = columns % panelColumns === 0
  return mostInBlock(pixels) * (8 + (isWhole ? 0 : 4 + 4 * panelColumns))
}

function mostInBlock(pixels: number): number {
  return Math.max(mostOutputs, fewestOutputs + pixels)
}

/**
 * Computes every output.
 *
 * @param work address of `workBytes` bytes of working memory.
 */
export function convolve(simd: SimdModule, plan: Convolution, work: number): void {
  const part = flattened(plan)
  const { images, lines, pixels, sourceLineStride, outImageStride, outLineStride } = part
  const fitting = Math.min(Math.floor(blockBytes / sourceLineStride), Math.floor(mostOutputs / pixels))
  const linesPerBlock = Math.min(lines, Math.max(1, fitting, Math.ceil(fewestOutputs / pixels)))
  const fittingImages = Math.max(1, Math.floor(mostOutputs / (linesPerBlock * pixels)))
  const imagesPerBlock = linesPerBlock < lines ? 1 : Math.min(part.padded.blockImages, fittingImages)
  let [tabledImages, tabledLines] = [0, 0]
  for (let image = 0; image < images; image += imagesPerBlock) {
    const blockImages = Math.min(imagesPerBlock, images - image)
    const source = part.padded.load(image, blockImages) + part.source
    for (let line = 0; line < lines; line += linesPerBlock) {
      const blockLines = Math.min(linesPerBlock, lines - line)
      if (blockImages !== tabledImages || blockLines !== tabledLines)
        writeTables(simd, part, { images: blockImages, lines: blockLines }, work)
      ;[tabledImages, tabledLines] = [blockImages, blockLines]
      convolveBlock(simd, part, {
        source: source + line * sourceLineStride,
        out: part.out + image * outImageStride + line * outLineStride,
        images: blockImages,
        lines: blockLines,
        work,
      })
    }
  }
}

/**
 * Where all pixels lie one after the other in both tensors, as for 1×1 filters, the lines of the image do not matter: takes each
 * pixel as a line.
 */
function flattened(plan: Convolution): Convolution {
  const { images, lines, pixels, sourcePixelStride, outPixelStride } = plan
  const isFlat = (image: number, line: number, pixel: number): boolean =>
    line === pixels * pixel && image === lines * line
  // Images that are copied to get a border lie one after the other only within a block.
  const isWhole = !plan.padded.isCopy || images <= plan.padded.blockImages
  const isDense =
    isWhole &&
    plan.tapLines === 1 &&
    isFlat(plan.sourceImageStride, plan.sourceLineStride, sourcePixelStride) &&
    isFlat(plan.outImageStride, plan.outLineStride, outPixelStride)
  if (!isDense) return plan
  const start = plan.padded.load(0, images)
  return {
    ...plan,
    images: 1,
    lines: images * lines * pixels,
    pixels: 1,
    padded: { blockImages: 1, isCopy: false, load: () => start },
    sourceLineStride: sourcePixelStride,
    outLineStride: outPixelStride,
  }
}

interface Block {
  /** Addresses of the first patch and of the first output. */
  readonly source: number
  readonly out: number
  readonly images: number
  readonly lines: number
  /** The tables: source offsets, output offsets and, for incomplete panels, offsets in the rows of 8 that follow. */
  readonly work: number
}

function writeTables(
  simd: SimdModule,
  plan: Convolution,
  block: Pick<Block, 'images' | 'lines'>,
  work: number,
): void {
  const { pixels, columns } = plan
  const outputs = block.images * block.lines * pixels
  const table = simd.integers(work, outputs * (columns % panelColumns === 0 ? 2 : 3))
  let at = 0
  for (let image = 0; image < block.images; image++) {
    for (let line = 0; line < block.lines; line++) {
      const source = image * plan.sourceImageStride + line * plan.sourceLineStride
      const out = image * plan.outImageStride + line * plan.outLineStride
      for (let pixel = 0; pixel < pixels; pixel++, at++) {
        table[at] = source + pixel * plan.sourcePixelStride
        table[outputs + at] = out + pixel * plan.outPixelStride
      }
    }
  }
  for (let row = 2 * outputs; row < table.length; row++) table[row] = (row - 2 * outputs) * rowBytes
}

const rowBytes = 4 * panelColumns

function convolveBlock(simd: SimdModule, plan: Convolution, block: Block): void {
  const { columns, pixels } = plan
  const outputs = block.images * block.lines * pixels
  const [outOffsets, rowOffsets] = [block.work + 4 * outputs, block.work + 8 * outputs]
  for (let column = 0; column < columns; column += panelColumns) {
    const panel = plan.panelAt(column)
    const out = block.out + 4 * column
    const used = Math.min(panelColumns, columns - column)
    if (used === panelColumns) {
      computeTiles(simd, plan, { ...block, out, panel, outputs, outOffsets })
      continue
    }
    const rows = rowOffsets + 4 * outputs
    computeTiles(simd, plan, { ...block, out: rows, panel, outputs, outOffsets: rowOffsets })
    copyRows(simd, plan, { ...block, out }, rows, used)
  }
}

/** Copies the columns in use from rows of 8 to the outputs. */
function copyRows(simd: SimdModule, plan: Convolution, block: Block, rows: number, used: number): void {
  const [lines, pixels, stride] =
    plan.pixels === 1 ? [1, block.lines, plan.outLineStride] : [block.lines, plan.pixels, plan.outPixelStride]
  let from = rows
  for (let image = 0; image < block.images; image++) {
    for (let line = 0; line < lines; line++) {
      const to = block.out + image * plan.outImageStride + line * plan.outLineStride
      simd.call('gather', from, to, pixels, used, rowBytes, 4, stride)
      from += pixels * rowBytes
    }
  }
}

interface Tiles {
  readonly source: number
  readonly panel: number
  readonly out: number
  readonly outputs: number
  /** The table of source offsets. */
  readonly work: number
  readonly outOffsets: number
}

/** Splits the outputs into tiles of nearly equal size: 14 are 5 + 5 + 4, as small tiles use the registers badly. */
function computeTiles(simd: SimdModule, plan: Convolution, part: Tiles): void {
  const tiles = Math.ceil(part.outputs / maxTileRows)
  const rows = Math.ceil(part.outputs / tiles)
  const smaller = tiles * rows - part.outputs
  const { tapLines, run, tapLineStride } = plan
  const { source, panel, out } = part
  let [sourceOffsets, outOffsets] = [part.work, part.outOffsets]
  for (const [count, size] of [
    [tiles - smaller, rows],
    [smaller, rows - 1],
  ] as const) {
    if (count === 0) continue
    const tables = [sourceOffsets, outOffsets] as const
    simd.call(`convTile${size}`, source, panel, out, count, ...tables, tapLines, run, tapLineStride)
    sourceOffsets += 4 * count * size
    outOffsets += 4 * count * size
  }
}
