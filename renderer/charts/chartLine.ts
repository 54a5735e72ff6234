/** What a line chart draws: one line with what belongs to it. */
import type { Point } from './smoothing.ts'

export interface ChartLine {
  readonly id: string
  readonly label: string
  readonly color: string
  readonly points: readonly Point[]
  /** The values as recorded, for legend and table; `points` where they are not smoothed. */
  readonly exact?: readonly Point[]
  /** Tells lines of the same label apart. */
  readonly detail?: string
  /** Every bucket's extremes, faint behind the line. */
  readonly raw?: readonly Point[]
  readonly orphans?: readonly (readonly Point[])[]
  readonly isDashed?: boolean
  /** Lower and upper edge of a band around the line, such as the spread of a group. */
  readonly band?: readonly Edge[]
  /** Drawn thin and pale, such as a member of a group beside its mean; it has no place in the legend. */
  readonly isFaint?: boolean
}

export type Edge = readonly [x: number, low: number, high: number]
