/**
 * Gradient of a convolution with respect to its input. With stride s, the input pixels fall into s² phases; each phase is a
 * dense convolution of dy with every s-th tap of the flipped filter, so that no multiplication by a zero is done.
 *
 * @source Dumoulin and Visin 2016, A guide to convolution arithmetic for deep learning, chapter 4.
 */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { ConvolutionInfo } from '../kernels/shared/convolution.ts'
import { convolve, leastImages, workBytes } from './convolve.ts'
import type { Convolution } from './convolve.ts'
import type { SimdModule } from './module.ts'
import { padImages, paddingPlan } from './padding.ts'
import type { Border, Images, PaddedImages } from './padding.ts'
import { packedPanels, panelsBytes } from './panels.ts'
import type { FilterRows } from './panels.ts'

/**
 * @param dy [N,oh,ow,Cout]
 * @param filter [kh,kw,Cin,Cout]
 * @returns [N,H,W,Cin]
 */
export function inputGradient(
  simd: SimdModule,
  dy: TensorInfo,
  filter: TensorInfo,
  info: ConvolutionInfo,
): TensorInfo {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info
  const rowPhases = phases(info.strideHeight, info.filterHeight, info.padInfo.top, inHeight)
  const columnPhases = phases(info.strideWidth, info.filterWidth, info.padInfo.left, inWidth)
  const [vertical, horizontal] = [borderOf(rowPhases, outHeight), borderOf(columnPhases, outWidth)]
  const border: Border = {
    top: vertical.before,
    bottom: vertical.after,
    left: horizontal.before,
    right: horizontal.after,
  }

  const out = simd.output([batchSize, inHeight, inWidth, inChannels])
  const images: Images = {
    address: simd.address(dy),
    images: batchSize,
    height: outHeight,
    width: outWidth,
    channels: outChannels,
  }
  const panelSize = panelsBytes(info.filterHeight * info.filterWidth * outChannels, inChannels)
  const workSize = workBytes({ columns: inChannels, pixels: inWidth })
  const least = leastImages(inHeight * inWidth)
  const scratch = simd.scratch(panelSize + workSize + paddingPlan(images, border, least).scratchBytes)
  const padded = padImages(simd, images, border, scratch + panelSize + workSize, least)
  const someEmpty = [...rowPhases, ...columnPhases].some(phase => phase.taps.length === 0)
  if (someEmpty) simd.zero(simd.address(out), 4 * batchSize * inHeight * inWidth * inChannels)

  for (const row of rowPhases) {
    for (const column of columnPhases) {
      if (isEmpty(row) || isEmpty(column)) continue
      const taps = tapsOf(simd.address(filter), info, row, column)
      const panelAt = packedPanels(simd, scratch, taps, inChannels)
      const origin = { row: border.top + row.first, column: border.left + column.first }
      const plan = planPhase({ info, row, column, padded, origin, out: simd.address(out), panelAt })
      convolve(simd, plan, scratch + panelSize)
    }
  }
  return out
}

interface PhaseGeometry {
  readonly info: ConvolutionInfo
  readonly row: Phase
  readonly column: Phase
  readonly padded: PaddedImages
  /** Where the patch of the phase's first input position begins. */
  readonly origin: { readonly row: number; readonly column: number }
  readonly out: number
  readonly panelAt: Convolution['panelAt']
}

function planPhase({ info, row, column, padded, origin, out, panelAt }: PhaseGeometry): Convolution {
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = info
  const { lineBytes } = padded
  const outLineBytes = 4 * inWidth * inChannels
  return {
    images: batchSize,
    lines: row.count,
    pixels: column.count,
    source: origin.row * lineBytes + 4 * origin.column * outChannels,
    padded,
    sourceImageStride: padded.imageBytes,
    sourceLineStride: lineBytes,
    sourcePixelStride: 4 * outChannels,
    tapLines: row.taps.length,
    run: column.taps.length * outChannels,
    tapLineStride: lineBytes,
    out: out + row.phase * outLineBytes + 4 * column.phase * inChannels,
    outImageStride: inHeight * outLineBytes,
    outLineStride: info.strideHeight * outLineBytes,
    outPixelStride: 4 * info.strideWidth * inChannels,
    panelAt,
    columns: inChannels,
  }
}

function isEmpty(phase: Phase): boolean {
  return phase.taps.length === 0 || phase.count === 0
}

/** The input positions phase, phase + stride, ... along one axis. */
interface Phase {
  readonly phase: number
  /** How many positions. */
  readonly count: number
  /** Taps of the filter that reach them, in the order of the outputs they come from. */
  readonly taps: readonly number[]
  /** Output position of the first tap for the first input position; negative in the border. */
  readonly first: number
}

function phases(stride: number, filterSize: number, padBefore: number, inSize: number): Phase[] {
  return Array.from({ length: stride }, (_, phase) => {
    const firstTap = (phase + padBefore) % stride
    const taps: number[] = []
    for (let tap = firstTap; tap < filterSize; tap += stride) taps.unshift(tap)
    const base = (phase + padBefore - firstTap) / stride
    const count = Math.max(0, Math.ceil((inSize - phase) / stride))
    return { phase, count, taps, first: base - (taps.length - 1) }
  })
}

/** How many zeros dy needs before and after it along one axis, for all phases. */
function borderOf(
  list: readonly Phase[],
  outSize: number,
): { readonly before: number; readonly after: number } {
  const used = list.filter(each => !isEmpty(each))
  const before = Math.max(0, ...used.map(each => -each.first))
  const after = Math.max(0, ...used.map(each => each.first + each.taps.length - 1 + each.count - outSize))
  return { before, after }
}

/** The filter of one phase: rows are (tap row, tap column, Cout), columns are Cin. */
function tapsOf(filter: number, info: ConvolutionInfo, row: Phase, column: Phase): FilterRows[] {
  const { filterWidth, inChannels, outChannels } = info
  const strides = { rows: outChannels, rowStride: 4, columnStride: 4 * outChannels }
  return row.taps.flatMap(tapRow =>
    column.taps.map(tapColumn => {
      const address = filter + 4 * (tapRow * filterWidth + tapColumn) * inChannels * outChannels
      return { address, ...strides }
    }),
  )
}
