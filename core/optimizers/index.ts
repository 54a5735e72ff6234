// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Optimizer } from './shared/optimizer.ts'
import { sgd } from './sgd.ts'

export const optimizerEntries = [sgd] as const
export type OptimizerName = (typeof optimizerEntries)[number]['name']
export const optimizers = registry<Optimizer>('optimizer', optimizerEntries)
