/** Simplified Chinese: one file for each area of the interface. */
import * as compare from './compare.ts'
import * as data from './data.ts'
import * as evaluation from './evaluation.ts'
import * as experiments from './experiments.ts'
import * as frame from './frame.ts'
import { zh as hostTexts } from './host.ts'
import * as live from './live.ts'
import * as networks from './networks.ts'
import * as presets from './presets.ts'
import * as retrieval from './retrieval.ts'
import * as runs from './runs.ts'
import * as schedules from './schedules.ts'
import * as schema from './schema.ts'
import * as system from './system.ts'
import * as transforms from './transforms.ts'

export const areas = {
  compare,
  data,
  evaluation,
  experiments,
  frame,
  live,
  networks,
  presets,
  retrieval,
  runs,
  schedules,
  schema,
  system,
  transforms,
}

export const zh: Readonly<Record<string, string>> = Object.assign(
  {},
  ...Object.values(areas).map(area => area.zh),
)

/** What the host says, by sentence. */
export const host: Readonly<Record<string, string>> = hostTexts
