/** What a chart is drawn with: a canvas on the screen, or the text of an SVG file. All places are in pixels. */
import type { Path } from './thin.ts'

export interface LineStyle {
  readonly color: string
  readonly width: number
  readonly opacity?: number
  readonly isDashed?: boolean
}

export interface ThinLine {
  readonly path: Path
  readonly color: string
  readonly opacity: number
  /** Instead of dashes, which nobody could follow among many lines. */
  readonly isDotted: boolean
}

export interface TextStyle {
  readonly color: string
  readonly sizePx: number
  readonly align: 'left' | 'center' | 'right'
  readonly isBold?: boolean
}

export interface Pen {
  line(path: Path, style: LineStyle): void
  /** Many lines, each a pixel thick, within a box; left out where there is nothing better than one by one. */
  thinLines?(lines: readonly ThinLine[], left: number, top: number, width: number, height: number): void
  /** Fills between two lines, the second one backwards. */
  area(upper: Path, lower: Path, color: string, opacity: number): void
  dot(x: number, y: number, radius: number, color: string): void
  box(left: number, top: number, width: number, height: number, color: string): void
  /** @param y of the middle of the text. */
  text(words: string, x: number, y: number, style: TextStyle): void
  /** Draws within a box only. */
  within(left: number, top: number, width: number, height: number, draw: () => void): void
}
