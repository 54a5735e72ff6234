/** Colours of points, red, green, blue, alpha from 0 to 255. */

/** Up to so many classes go once round the hues, light and dark in turn. */
const evenHues = 16

export type Rgb = readonly [number, number, number]

/** A colour for each class: the chart's for a few, hues all round for many. @param series as the theme has them, `rgb(…)` */
export function classColors(count: number, series: readonly string[], isDark: boolean): Rgb[] {
  if (count <= series.length) return series.slice(0, count).map(rgbOf)
  if (count <= evenHues)
    return Array.from({ length: count }, (_, at) =>
      hslOf((at * 360) / count, 0.7, (isDark ? [0.74, 0.58] : [0.5, 0.34])[at % 2]!),
    )
  return Array.from({ length: count }, (_, at) => {
    // Neighbours in number lie far apart by the golden angle; three rings of lightness tell more of them apart.
    const hue = (at * 137.508) % 360
    const lightness = (isDark ? [0.72, 0.6, 0.82] : [0.42, 0.55, 0.32])[at % 3]!
    return hslOf(hue, 0.65, lightness)
  })
}

/** `rgb(1, 2, 3)` or `color(srgb 0.1 0.2 0.3)`, as a browser says a computed colour. */
export function rgbOf(css: string): Rgb {
  const numbers = (css.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number)
  const scale = css.startsWith('color(') ? 255 : 1
  return [0, 1, 2].map(at => Math.round((numbers[at] ?? 0) * scale)) as unknown as Rgb
}

export function cssOf([red, green, blue]: Rgb): string {
  return `rgb(${red}, ${green}, ${blue})`
}

function hslOf(hue: number, saturation: number, lightness: number): Rgb {
  const channel = (n: number): number => {
    const k = (n + hue / 30) % 12
    const a = saturation * Math.min(lightness, 1 - lightness)
    return Math.round(255 * (lightness - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}
