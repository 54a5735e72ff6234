/** Sizes of the images of a split, summed up for a chart. */
import type { SplitFacts } from './factsFile.ts'

export interface Histogram {
  /** Bounds of the bins, one more than there are; a value belongs to the last bin whose lower bound it reaches. */
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
}

export interface SizeStatistics {
  /** Images whose size is known. */
  readonly count: number
  readonly width: Spread
  readonly height: Spread
  /** Bytes of all files together. */
  readonly totalBytes: number
  /** Shorter side in pixels: what resizing and cropping go by. */
  readonly shorterSides: Histogram
  /** Width by height. */
  readonly aspects: Histogram
  /** Different sizes, most frequent first, at most `mostSizes`. */
  readonly sizes: readonly { readonly width: number; readonly height: number; readonly count: number }[]
  readonly sizeCount: number
}

export interface Spread {
  readonly least: number
  readonly median: number
  readonly most: number
}

const mostSizes = 8
const mostBins = 24
/** From 1:4 to 4:1, by a factor of the square root of 2^(1/2) each; what lies outside is in the outermost. */
const aspectBounds = Array.from({ length: 17 }, (_, at) => 2 ** ((at - 8) / 4))

export function sizeStatistics({ widths, heights, sizes }: Omit<SplitFacts, 'name'>): SizeStatistics {
  const known = [...widths.keys()].filter(at => widths[at]! > 0 && heights[at]! > 0)
  const own = (values: Int32Array): Int32Array => Int32Array.from(known, at => values[at] as number).sort()
  const shorter = Int32Array.from(known, at => Math.min(widths[at]!, heights[at]!)).sort()
  const aspects = known.map(at => widths[at]! / heights[at]!)
  const seen = new Map<number, number>()
  for (const at of known) {
    const key = widths[at]! * 2 ** 24 + heights[at]!
    seen.set(key, (seen.get(key) ?? 0) + 1)
  }
  const frequent = [...seen].sort((one, other) => other[1] - one[1] || one[0] - other[0]).slice(0, mostSizes)
  return {
    count: known.length,
    width: spread(own(widths)),
    height: spread(own(heights)),
    totalBytes: sizes.reduce((sum, size) => sum + size, 0),
    shorterSides: histogram(shorter, sideBounds(shorter)),
    aspects: histogram(
      aspects.map(aspect => Math.min(Math.max(aspect, aspectBounds[0]!), aspectBounds.at(-1)!)),
      aspectBounds,
    ),
    sizes: frequent.map(([key, count]) => ({
      width: Math.floor(key / 2 ** 24),
      height: key % 2 ** 24,
      count,
    })),
    sizeCount: seen.size,
  }
}

/** @param sorted ascending */
function spread(sorted: Int32Array): Spread {
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return { least: sorted[0] ?? 0, median, most: sorted.at(-1) ?? 0 }
}

/** Round bounds that hold all values in at most `mostBins` bins. @param sorted ascending */
function sideBounds(sorted: Int32Array): number[] {
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0]
  const steps = [1, 2, 4, 8, 16, 20, 32, 50, 64, 100, 128, 200, 250, 500, 1000, 2000, 5000]
  const fits = (step: number): boolean => (most - Math.floor(least / step) * step) / step < mostBins
  const step = steps.find(fits) ?? Math.ceil((most - least + 1) / mostBins)
  const first = Math.floor(least / step) * step
  const bins = Math.max(1, Math.floor((most - first) / step) + 1)
  return Array.from({ length: bins + 1 }, (_, at) => first + at * step)
}

function histogram(values: Iterable<number>, bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length - 1).fill(0)
  for (const value of values) {
    let bin = counts.length - 1
    while (bin > 0 && value < bounds[bin]!) bin--
    counts[bin]!++
  }
  return { bounds, counts }
}
