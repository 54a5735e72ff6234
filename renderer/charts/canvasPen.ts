/** A pen on a canvas. */
import type { Pen } from './pen.ts'
import { createRaster, drawSpans, type Raster, type Rgb } from './spanRaster.ts'
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
    thinLines(lines, left, top, width, height) {
      const ratio = context.getTransform().a
      const raster = rasterOf(Math.ceil(width * ratio), Math.ceil(height * ratio))
      for (const { path, color, ...style } of lines)
        drawSpans(raster, path, { left, top, ratio }, { ...style, color: rgbOf(color) })
      const sheet = new OffscreenCanvas(raster.width, raster.height)
      sheet.getContext('2d')?.putImageData(new ImageData(raster.bytes, raster.width), 0, 0)
      context.drawImage(sheet, left, top, raster.width / ratio, raster.height / ratio)
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

/** Kept, as charts are drawn one after the other: a window's worth of pixels is some megabytes. */
let kept: Raster | null = null
function rasterOf(width: number, height: number): Raster {
  if (kept?.width === width && kept.height === height) kept.pixels.fill(0)
  else kept = createRaster(width, height)
  return kept
}

const known = new Map<string, Rgb>()
/** Any colour that a style may name, as the browser understands it. */
function rgbOf(color: string): Rgb {
  const found = known.get(color)
  if (found) return found
  const context = new OffscreenCanvas(1, 1).getContext('2d')
  if (!context) return { red: 128, green: 128, blue: 128 }
  context.fillStyle = color
  context.fillRect(0, 0, 1, 1)
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
  known.set(color, { red, green, blue })
  return { red, green, blue }
}
