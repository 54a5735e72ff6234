// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Transform } from './shared/transform.ts'
import { centerCrop } from './center-crop.ts'
import { colorJitter } from './color-jitter.ts'
import { horizontalFlip } from './horizontal-flip.ts'
import { padAndCrop } from './pad-and-crop.ts'
import { randomResizedCrop } from './random-resized-crop.ts'
import { resize } from './resize.ts'
import { resizeExact } from './resize-exact.ts'

export const transformEntries = [centerCrop, colorJitter, horizontalFlip, padAndCrop, randomResizedCrop, resize, resizeExact] as const
export type TransformName = (typeof transformEntries)[number]['name']
export const transforms = registry<Transform>('transform', transformEntries)
