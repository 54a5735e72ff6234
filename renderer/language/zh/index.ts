/** Simplified Chinese: one file for each area of the interface. */
import * as compare from './compare.ts'
import * as data from './data.ts'
import * as evaluation from './evaluation.ts'
import * as experiments from './experiments.ts'
import * as frame from './frame.ts'
import * as live from './live.ts'
import * as retrieval from './retrieval.ts'
import * as runs from './runs.ts'
import * as system from './system.ts'

export const areas = {
  compare,
  data,
  evaluation,
  experiments,
  frame,
  live,
  retrieval,
  runs,
  system,
}

export const zh: Readonly<Record<string, string>> = Object.assign(
  {},
  ...Object.values(areas).map(area => area.zh),
)
