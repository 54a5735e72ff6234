/** Where values lie on the plot of a chart, linear or logarithmic, and back. */
import type { Range } from './scale.ts'

export interface Scale extends Range {
  readonly isLog: boolean
}

/** 0 at the least value of the scale, 1 at the greatest. A logarithmic scale has no place for what is not positive: it lies far below. */
export function fractionOf(scale: Scale, value: number): number {
  if (!scale.isLog) return (value - scale.min) / (scale.max - scale.min)
  return value > 0 ? Math.log(value / scale.min) / Math.log(scale.max / scale.min) : -1e6
}

export function valueAt(scale: Scale, fraction: number): number {
  if (!scale.isLog) return scale.min + fraction * (scale.max - scale.min)
  return scale.min * (scale.max / scale.min) ** fraction
}

export interface Margin {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Pixels between the edge of a chart and its plot. */
export const plotMargin: Margin = { left: 58, right: 16, top: 10, bottom: 26 }

/** The plot of a chart in pixels: where it lies, and what it shows. */
export interface Plane {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
  readonly x: Scale
  readonly y: Scale
}

export function planeOf(widthPx: number, heightPx: number, x: Scale, y: Scale, margin = plotMargin): Plane {
  return {
    left: margin.left,
    top: margin.top,
    width: Math.max(1, widthPx - margin.left - margin.right),
    height: Math.max(1, heightPx - margin.top - margin.bottom),
    x,
    y,
  }
}

export function xPx(plane: Plane, x: number): number {
  return plane.left + fractionOf(plane.x, x) * plane.width
}

/** Kept within reach of the canvas, which loses its way far outside. */
export function yPx(plane: Plane, y: number): number {
  const px = plane.top + (1 - fractionOf(plane.y, y)) * plane.height
  return px < -5000 ? -5000 : px > 5000 ? 5000 : px
}
