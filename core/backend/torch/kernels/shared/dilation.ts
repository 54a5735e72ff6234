/**
 * Grey-scale dilation: the largest of x + filter in each window, channel by channel. One pass over the images for each place
 * of the filter.
 */
import { backend_util, util } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { Handle } from '../../binding.ts'
import { range } from './shapes.ts'
import { window2D } from './window.ts'
import type { Window } from './window.ts'
import type { Work } from './work.ts'

export interface DilationInputs {
  /** [N,H,W,C] */
  readonly x: TensorInfo
  /** [kh,kw,C] */
  readonly filter: TensorInfo
}
export interface DilationAttributes {
  readonly strides: number | [number, number]
  readonly pad: 'valid' | 'same' | number
  readonly dilations: number | [number, number]
}

/** A place of the filter: what it sees of the images, and where. */
export interface Place {
  readonly row: number
  readonly column: number
}

export interface Dilation {
  readonly window: Window
  readonly places: readonly Place[]
  /** [N,H+,W+,C] with a margin of −∞ around. */
  readonly padded: Handle
  /** Before and after, per axis. */
  readonly margin: readonly (readonly [number, number])[]
}

export function dilationOf(work: Work, { x, filter }: DilationInputs, attrs: DilationAttributes): Dilation {
  const { strides, pad, dilations } = attrs
  const shapes = [x.shape, filter.shape] as unknown as [
    [number, number, number, number],
    [number, number, number],
  ]
  const window = window2D(backend_util.computeDilation2DInfo(...shapes, strides, pad, 'NHWC', dilations))
  const [height = 1, width = 1] = window.kernel
  const margin = window.kernel.map((size, axis) => {
    const reach =
      (window.outSizes[axis]! - 1) * window.stride[axis]! + (size - 1) * window.dilation[axis]! + 1
    const before = window.before[axis]!
    return [before, Math.max(0, reach - before - window.inSizes[axis]!)] as const
  })
  const amounts = [0, 0, ...margin[1]!, ...margin[0]!]
  const padded = work.run('aten::constant_pad_nd', work.of(x), amounts, -Infinity)
  const places = range(height * width).map(index => ({
    row: Math.floor(index / width),
    column: index % width,
  }))
  return { window, places, padded, margin }
}

/** The pixels that a place of the filter sees, as a view. @param images [N,H+,W+,C] @returns [N,oh,ow,C] */
export function seenBy(work: Work, images: Handle, { window }: Dilation, { row, column }: Place): Handle {
  let seen = images
  for (const [axis, place] of [row, column].entries()) {
    const start = place * window.dilation[axis]!
    const stride = window.stride[axis]!
    const end = start + (window.outSizes[axis]! - 1) * stride + 1
    seen = work.run('aten::slice.Tensor', seen, axis + 1, start, end, stride)
  }
  return seen
}

/** x + filter for each place. @returns [N,oh,ow,C] each */
export function sums(work: Work, filter: TensorInfo, dilation: Dilation): Handle[] {
  const weights = work.of(filter)
  return dilation.places.map(place => {
    const weight = work.run(
      'aten::select.int',
      work.run('aten::select.int', weights, 0, place.row),
      0,
      place.column,
    )
    return work.run('aten::add.Tensor', seenBy(work, dilation.padded, dilation, place), weight)
  })
}

/** dy where a place gave the largest sum (the first that did), else 0. */
export function shares(work: Work, dy: TensorInfo, filter: TensorInfo, dilation: Dilation): Handle[] {
  const [batch = 1, , , channels = 1] = work.shape(dilation.padded)
  const shape = [batch, ...dilation.window.outSizes, channels]
  util.assertShapesMatch(dy.shape, shape, 'The gradient of a dilation must have its output’s shape: ')
  const winner = work.run('aten::argmax', work.run('aten::stack', sums(work, filter, dilation), 0), 0, false)
  return dilation.places.map((_, index) =>
    work.run('aten::mul.Tensor', work.of(dy), work.run('aten::eq.Scalar', winner, index)),
  )
}
