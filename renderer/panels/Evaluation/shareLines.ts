/** Lines and bars of a chart of shares. */
import type { Reliability } from '../../../core/contract/index.ts'

export interface SharePoint {
  readonly x: number
  readonly y: number
  /** What else is known of it. */
  readonly detail?: string
}

export interface ShareLine {
  readonly name: string
  readonly color: string
  readonly points: readonly SharePoint[]
  /** In the legend, such as its area. */
  readonly figure?: string
  /** Holds its value until the next point, as precision does. */
  readonly isStepped?: boolean
}

export interface ShareBar {
  readonly from: number
  readonly to: number
  readonly bottom: number
  readonly top: number
  /** What is right, or the part by which probabilities are too high or too low. */
  readonly part: 'right' | 'too-high' | 'too-low'
}

/** For an SVG path; nothing for a line without points. */
export function pathOf(
  { points, isStepped }: ShareLine,
  xOf: (x: number) => number,
  yOf: (y: number) => number,
): string {
  const place = (x: number, y: number): string => `${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`
  return points
    .map(({ x, y }, at) => {
      const before = points[at - 1]
      if (before === undefined) return `M${place(x, y)}`
      return isStepped ? `L${place(before.x, y)}L${place(x, y)}` : `L${place(x, y)}`
    })
    .join('')
}

/** The point of a line whose x is nearest. */
export function nearestIn(points: readonly SharePoint[], x: number): SharePoint | undefined {
  return points.reduce<SharePoint | undefined>(
    (best, point) => (best === undefined || Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best),
    undefined,
  )
}

/** Accuracy of every bin as a bar, with its gap to the probability in a colour of its own. */
export function reliabilityBars({ bins }: Reliability): ShareBar[] {
  return bins.flatMap(({ low, high, confidence, accuracy }) =>
    confidence === null || accuracy === null
      ? []
      : ([
          {
            from: low,
            to: Math.max(high, low + 0.002),
            bottom: 0,
            top: Math.min(accuracy, confidence),
            part: 'right',
          },
          {
            ...{ from: low, to: Math.max(high, low + 0.002) },
            ...{ bottom: Math.min(accuracy, confidence), top: Math.max(accuracy, confidence) },
            part: confidence > accuracy ? 'too-high' : 'too-low',
          },
        ] as const),
  )
}
