// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Sampler } from './shared/sampler.ts'
import { distributedRepeats } from './distributed-repeats.ts'
import { mPerClass } from './m-per-class.ts'
import { repeatedAugmentation } from './repeated-augmentation.ts'
import { shuffled } from './shuffled.ts'

export const samplerEntries = [distributedRepeats, mPerClass, repeatedAugmentation, shuffled] as const
export type SamplerName = (typeof samplerEntries)[number]['name']
export const samplers = registry<Sampler>('sampler', samplerEntries)
