// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Optimizer } from './shared/optimizer.ts'

export const optimizerEntries = [] as const
export type OptimizerName = (typeof optimizerEntries)[number]['name']
export const optimizers = registry<Optimizer>('optimizer', optimizerEntries)
