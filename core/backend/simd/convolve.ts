/** Runs a convolution as tiles over lines of pixels, in blocks that fit the second-level cache. */
import { maxTileRows } from './filter-tile.ts'
import type { SimdModule } from './module.ts'
import type { PaddedImages } from './padding.ts'

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
  readonly padded: Pick<PaddedImages, 'blockImages' | 'load'>
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
  /** Address of the panel [tapLines·run, 8] of the filter that begins with a column; the last one is filled up with zeros. */
  readonly panelAt: (column: number) => number
  readonly columns: number
}

export const panelColumns = 8
const blockBytes = 1 << 18

/** Bytes of the panels of a filter with so many rows and columns. */
export function panelsBytes(rows: number, columns: number): number {
  return 4 * rows * Math.ceil(columns / panelColumns) * panelColumns
}

/** Rows of the matrix that a filter is; strides are in bytes. */
export interface FilterRows {
  readonly address: number
  readonly rows: number
  readonly rowStride: number
  readonly columnStride: number
}

/**
 * A filter as panels. Each is packed when it is first asked for, so that a large filter's are still in the cache then.
 *
 * @param address of working memory of `panelsBytes`.
 * @param parts the filter's rows, part after part.
 */
export function packedPanels(
  simd: SimdModule,
  address: number,
  parts: readonly FilterRows[],
  columns: number,
): Convolution['panelAt'] {
  const totalRows = parts.reduce((total, { rows }) => total + rows, 0)
  let packedColumns = 0
  return column => {
    const panel = address + 4 * totalRows * column
    if (column < packedColumns) return panel
    packedColumns = column + panelColumns
    const used = Math.min(panelColumns, columns - column)
    if (used < panelColumns) simd.zero(panel, 4 * panelColumns * totalRows)
    let target = panel
    for (const part of parts) {
      packPanel(simd, target, { ...part, address: part.address + column * part.columnStride }, used)
      target += 4 * panelColumns * part.rows
    }
    return panel
  }
}

function packPanel(simd: SimdModule, panel: number, source: FilterRows, columns: number): void {
  const { address, rows, rowStride, columnStride } = source
  const isWhole = columns === panelColumns
  if (isWhole && columnStride === 4) return simd.call('packRows', address, panel, rows, rowStride)
  const quads = isWhole && rowStride === 4 ? Math.floor(rows / 4) : 0
  if (quads > 0) simd.call('packTransposed', address, panel, quads, columnStride)
  const [from, to] = [address + 4 * quads * rowStride, panel + 16 * quads * panelColumns]
  simd.call('gather', from, to, rows - 4 * quads, columns, rowStride, columnStride, 4 * panelColumns)
}

/**
 * Computes every output.
 *
 * @param tail working memory of `tailBytes(plan)` bytes.
 */
export function convolve(simd: SimdModule, plan: Convolution, tail: number): void {
  for (const part of relined(plan)) {
    const linesPerBlock = Math.max(1, Math.min(part.lines, Math.floor(blockBytes / part.sourceLineStride)))
    const { blockImages } = part.padded
    for (let image = 0; image < part.images; image += blockImages) {
      const images = Math.min(blockImages, part.images - image)
      const source = part.padded.load(image, images) + part.source
      for (let line = 0; line < part.lines; line += linesPerBlock) {
        const lines = Math.min(linesPerBlock, part.lines - line)
        convolveBlock(simd, part, { source, image, images, line, lines }, tail)
      }
    }
  }
}

/** Bytes of working memory for `convolve`: one line, 8 columns wide. */
export function tailBytes(plan: Pick<Convolution, 'columns' | 'pixels'>): number {
  return plan.columns % panelColumns === 0 ? 0 : 4 * panelColumns * Math.max(longestLine, plan.pixels)
}

const [shortestLine, longestLine] = [24, 64]

/**
 * Where all pixels lie one after the other in both tensors, as for 1×1 filters, the lines of the image do not matter: takes them
 * as lines of a handy length, and what is left over as one more line.
 */
function relined(plan: Convolution): Convolution[] {
  const { images, lines, pixels, sourcePixelStride, outPixelStride } = plan
  const total = images * lines * pixels
  const isFlat = (image: number, line: number, pixel: number): boolean =>
    line === pixels * pixel && image === lines * line
  const isDense =
    plan.tapLines === 1 &&
    isFlat(plan.sourceImageStride, plan.sourceLineStride, sourcePixelStride) &&
    isFlat(plan.outImageStride, plan.outLineStride, outPixelStride)
  if (!isDense || total <= longestLine) return [plan]
  const length = handyLength(total)
  const start = plan.padded.load(0, 1)
  const part = (first: number, partLines: number, partPixels: number): Convolution => ({
    ...plan,
    images: 1,
    lines: partLines,
    pixels: partPixels,
    padded: { blockImages: 1, load: () => start + first * sourcePixelStride },
    sourceLineStride: partPixels * sourcePixelStride,
    sourceImageStride: partLines * partPixels * sourcePixelStride,
    out: plan.out + first * outPixelStride,
    outLineStride: partPixels * outPixelStride,
    outImageStride: partLines * partPixels * outPixelStride,
  })
  const whole = Math.floor(total / length)
  const rest = total - whole * length
  return rest === 0 ? [part(0, whole, length)] : [part(0, whole, length), part(whole * length, 1, rest)]
}

/** The longest line that divides the total, or else the longest. */
function handyLength(total: number): number {
  for (let length = longestLine; length >= shortestLine; length--) if (total % length === 0) return length
  return longestLine
}

interface Block {
  /** Address of the first image's first patch. */
  readonly source: number
  readonly image: number
  readonly images: number
  readonly line: number
  readonly lines: number
}

function convolveBlock(simd: SimdModule, plan: Convolution, block: Block, tail: number): void {
  for (let column = 0; column < plan.columns; column += panelColumns) {
    const panel = plan.panelAt(column)
    const used = Math.min(panelColumns, plan.columns - column)
    for (let each = 0; each < block.images; each++) {
      const image = block.image + each
      const source = block.source + each * plan.sourceImageStride + block.line * plan.sourceLineStride
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
      for (let line = 0; line < block.lines; line++) {
        const from = source + line * plan.sourceLineStride
        convolveLines(simd, plan, { source: from, panel, out: tail, lines: 1 }, 4 * panelColumns, 0)
        const to = out + line * plan.outLineStride
        simd.call('gather', tail, to, plan.pixels, used, 4 * panelColumns, 4, plan.outPixelStride)
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
