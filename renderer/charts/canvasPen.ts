/** A pen on a canvas. */
import type { Pen } from './pen.ts'
import type { Path } from './thin.ts'

export const chartFont =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"

export function canvasPen(context: CanvasRenderingContext2D): Pen {
  const trace = (path: Path, from = 0): void => {
    for (let at = from; at < path.length; at += 2) context.lineTo(path[at] as number, path[at + 1] as number)
  }
  return {
    line(path, { color, width, opacity = 1, isDashed = false }) {
      if (path.length < 4) return
      context.globalAlpha = opacity
      context.strokeStyle = color
      context.lineWidth = width
      context.lineJoin = width > 1 ? 'round' : 'bevel'
      context.setLineDash(isDashed ? [5, 4] : [])
      context.beginPath()
      context.moveTo(path[0] as number, path[1] as number)
      trace(path, 2)
      context.stroke()
      context.globalAlpha = 1
    },
    area(upper, lower, color, opacity) {
      if (upper.length < 4) return
      context.globalAlpha = opacity
      context.fillStyle = color
      context.beginPath()
      context.moveTo(upper[0] as number, upper[1] as number)
      trace(upper, 2)
      for (let at = lower.length - 2; at >= 0; at -= 2)
        context.lineTo(lower[at] as number, lower[at + 1] as number)
      context.closePath()
      context.fill()
      context.globalAlpha = 1
    },
    dot(x, y, radius, color) {
      context.fillStyle = color
      context.beginPath()
      context.arc(x, y, radius, 0, 2 * Math.PI)
      context.fill()
    },
    box(left, top, width, height, color) {
      context.fillStyle = color
      context.fillRect(left, top, width, height)
    },
    text(words, x, y, { color, sizePx, align, isBold = false }) {
      context.fillStyle = color
      context.font = `${isBold ? '600 ' : ''}${sizePx}px ${chartFont}`
      context.textAlign = align
      context.textBaseline = 'middle'
      context.fillText(words, x, y)
    },
    within(left, top, width, height, draw) {
      context.save()
      context.beginPath()
      context.rect(left, top, width, height)
      context.clip()
      draw()
      context.restore()
    },
  }
}
