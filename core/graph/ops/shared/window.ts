/** Sliding windows of convolution and pooling: explicit padding, as torch pads, and the shape that comes out. */
import type { backend_util } from '@tensorflow/tfjs-core'
import type { Fail, Shape } from './op.ts'

/** [top, bottom, left, right] in pixels. */
export type Padding = readonly [number, number, number, number]

export interface Window {
  /** [height, width] in pixels. */
  readonly kernel: readonly [number, number]
  /** [vertical, horizontal] in pixels. */
  readonly strides: readonly [number, number]
  readonly padding: Padding
}

/** A window as a model writes it: one number stands for both directions. */
export interface WindowOptions {
  readonly kernel: number | readonly [number, number]
  /** Default 1. */
  readonly stride?: number | readonly [number, number]
  /**
   * Pixels on every side, [vertical, horizontal], or [top, bottom, left, right]; `same` pads as TensorFlow does, so that
   * the output is the input divided by the stride, rounded up. Default 0.
   */
  readonly padding?: number | readonly [number, number] | Padding | 'same'
}

/** Makes a window explicit for an input [H, W, C]. */
export function explicitWindow(options: WindowOptions, input: Shape): Window {
  const kernel = pair(options.kernel)
  const strides = pair(options.stride ?? 1)
  const padding = explicitPadding(options.padding ?? 0, kernel, strides, input)
  return { kernel, strides, padding }
}

/** Height and width after the window has passed over [H, W, C], rounded down as torch does. */
export function windowShape(input: Shape, window: Window, fail: Fail): [number, number] {
  const [height = 0, width = 0] = input
  if (input.length !== 3) fail(`expected an input [H, W, C], got [${input.join(', ')}]`)
  const [top, bottom, left, right] = window.padding
  const sides: [number, number] = [
    Math.floor((height + top + bottom - window.kernel[0]) / window.strides[0]) + 1,
    Math.floor((width + left + right - window.kernel[1]) / window.strides[1]) + 1,
  ]
  if (sides[0] < 1 || sides[1] < 1) {
    fail(
      `a window of ${window.kernel.join(' x ')} does not fit an input of ${height} x ${width} padded by [${window.padding.join(', ')}]`,
    )
  }
  return sides
}

/** tfjs's form of explicit padding. */
export function tfjsPadding(window: Window): backend_util.ExplicitPadding {
  const [top, bottom, left, right] = window.padding
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]
}

function pair(value: number | readonly [number, number]): readonly [number, number] {
  return typeof value === 'number' ? [value, value] : value
}

function explicitPadding(
  padding: NonNullable<WindowOptions['padding']>,
  kernel: readonly [number, number],
  strides: readonly [number, number],
  input: Shape,
): Padding {
  if (padding === 'same') {
    const [top, bottom] = samePadding(input[0] ?? 0, kernel[0], strides[0])
    const [left, right] = samePadding(input[1] ?? 0, kernel[1], strides[1])
    return [top, bottom, left, right]
  }
  if (typeof padding === 'number') return [padding, padding, padding, padding]
  if (padding.length === 2) return [padding[0], padding[0], padding[1], padding[1]]
  return padding
}

function samePadding(size: number, kernel: number, stride: number): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size)
  const before = Math.floor(total / 2)
  return [before, total - before]
}
