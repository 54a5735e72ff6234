/** A pen that writes an SVG file. */
import { chartFont } from './canvasPen.ts'
import type { Pen } from './pen.ts'
import type { Path } from './thin.ts'

export interface SvgPen extends Pen {
  /** The whole file. */
  finish(): string
}

export function svgPen(widthPx: number, heightPx: number): SvgPen {
  const parts: string[] = []
  let clips = 0
  const number = (value: number): string => String(Math.round(value * 100) / 100)
  const places = (path: Path): string => {
    const pairs: string[] = []
    for (let at = 0; at < path.length; at += 2)
      pairs.push(`${number(path[at] as number)},${number(path[at + 1] as number)}`)
    return pairs.join(' ')
  }
  const backwards = (path: Path): Path => {
    const turned: Path = []
    for (let at = path.length - 2; at >= 0; at -= 2) turned.push(path[at] as number, path[at + 1] as number)
    return turned
  }
  return {
    line(path, { color, width, opacity = 1, isDashed = false }) {
      if (path.length < 4) return
      const dash = isDashed ? ' stroke-dasharray="5 4"' : ''
      const faint = opacity < 1 ? ` stroke-opacity="${opacity}"` : ''
      parts.push(
        `<polyline points="${places(path)}" fill="none" stroke="${escaped(color)}" stroke-width="${width}" stroke-linejoin="round"${faint}${dash}/>`,
      )
    },
    area(upper, lower, color, opacity) {
      if (upper.length < 4) return
      parts.push(
        `<polygon points="${places(upper)} ${places(backwards(lower))}" fill="${escaped(color)}" fill-opacity="${opacity}"/>`,
      )
    },
    dot: (x, y, radius, color) =>
      void parts.push(`<circle cx="${number(x)}" cy="${number(y)}" r="${radius}" fill="${escaped(color)}"/>`),
    box: (left, top, width, height, color) =>
      void parts.push(
        `<rect x="${number(left)}" y="${number(top)}" width="${number(width)}" height="${number(height)}" fill="${escaped(color)}"/>`,
      ),
    text(words, x, y, { color, sizePx, align, isBold = false }) {
      const anchor = { left: 'start', center: 'middle', right: 'end' }[align]
      parts.push(
        `<text x="${number(x)}" y="${number(y)}" fill="${escaped(color)}" font-size="${sizePx}" text-anchor="${anchor}" dominant-baseline="central"${isBold ? ' font-weight="600"' : ''}>${escaped(words)}</text>`,
      )
    },
    within(left, top, width, height, draw) {
      const id = `clip${++clips}`
      parts.push(
        `<clipPath id="${id}"><rect x="${number(left)}" y="${number(top)}" width="${number(width)}" height="${number(height)}"/></clipPath><g clip-path="url(#${id})">`,
      )
      draw()
      parts.push('</g>')
    },
    finish: () =>
      `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}" font-family="${escaped(chartFont)}">\n${parts.join('\n')}\n</svg>\n`,
  }
}

/** Names of runs and series may hold markup. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
