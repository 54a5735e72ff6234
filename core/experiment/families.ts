/** The registries that a configuration chooses from, by family. */
import { losses } from '../losses/index.ts'
import { models } from '../models/index.ts'
import { optimizers } from '../optimizers/index.ts'
import type { Registry } from '../registry/registry.ts'
import { samplers } from '../samplers/index.ts'
import { schedules } from '../schedules/index.ts'
import { transforms } from '../transforms/index.ts'
import type { ChoiceFamily } from './schema.ts'

/** Looked up at each use, as entries may be registered by their index only. */
export const families: Readonly<Record<ChoiceFamily, Registry<unknown>>> = {
  model: models,
  loss: losses,
  optimizer: optimizers,
  schedule: schedules,
  sampler: samplers,
  transform: transforms,
}

/** Names of the entries of a family. */
export function entryNames(family: ChoiceFamily): string[] {
  return families[family].list().map(entry => entry.name)
}
