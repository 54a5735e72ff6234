// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Loss } from './shared/loss.ts'
import { binaryCrossEntropy } from './binary-cross-entropy.ts'
import { crossEntropy } from './cross-entropy.ts'
import { multigrain } from './multigrain.ts'

export const lossEntries = [binaryCrossEntropy, crossEntropy, multigrain] as const
export type LossName = (typeof lossEntries)[number]['name']
export const losses = registry<Loss>('loss', lossEntries)
