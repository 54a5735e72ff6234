// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Transform } from './shared/transform.ts'
import { autoAugment } from './auto-augment.ts'
import { centerCrop } from './center-crop.ts'
import { colorJitter } from './color-jitter.ts'
import { horizontalFlip } from './horizontal-flip.ts'
import { padAndCrop } from './pad-and-crop.ts'
import { randAugment } from './rand-augment.ts'
import { randomResizedCrop } from './random-resized-crop.ts'
import { resize } from './resize.ts'
import { resizeExact } from './resize-exact.ts'
import { trivialAugment } from './trivial-augment.ts'

export const transformEntries = [autoAugment, centerCrop, colorJitter, horizontalFlip, padAndCrop, randAugment, randomResizedCrop, resize, resizeExact, trivialAugment] as const
export type TransformName = (typeof transformEntries)[number]['name']
export const transforms = registry<Transform>('transform', transformEntries)
