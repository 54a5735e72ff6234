// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Optimizer } from './shared/optimizer.ts'
import { adamw } from './adamw.ts'
import { lamb } from './lamb.ts'
import { lars } from './lars.ts'
import { rmsprop } from './rmsprop.ts'
import { rmspropTf } from './rmsprop-tf.ts'
import { sgd } from './sgd.ts'
import { thor } from './thor.ts'

export const optimizerEntries = [adamw, lamb, lars, rmsprop, rmspropTf, sgd, thor] as const
export type OptimizerName = (typeof optimizerEntries)[number]['name']
export const optimizers = registry<Optimizer>('optimizer', optimizerEntries)
