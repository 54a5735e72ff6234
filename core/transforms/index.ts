// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Transform } from './shared/transform.ts'
import { autoAugment } from './auto-augment.ts'
import { centerCrop } from './center-crop.ts'
import { centralCrop } from './central-crop.ts'
import { colorJitter } from './color-jitter.ts'
import { distortedCrop } from './distorted-crop.ts'
import { gaussianBlur } from './gaussian-blur.ts'
import { grayscale } from './grayscale.ts'
import { horizontalFlip } from './horizontal-flip.ts'
import { inceptionColour } from './inception-colour.ts'
import { padAndCrop } from './pad-and-crop.ts'
import { pcaLighting } from './pca-lighting.ts'
import { randAugment } from './rand-augment.ts'
import { randomResizedCrop } from './random-resized-crop.ts'
import { resize } from './resize.ts'
import { resizeExact } from './resize-exact.ts'
import { resizeLargestSide } from './resize-largest-side.ts'
import { trivialAugment } from './trivial-augment.ts'
import { verticalFlip } from './vertical-flip.ts'

export const transformEntries = [autoAugment, centerCrop, centralCrop, colorJitter, distortedCrop, gaussianBlur, grayscale, horizontalFlip, inceptionColour, padAndCrop, pcaLighting, randAugment, randomResizedCrop, resize, resizeExact, resizeLargestSide, trivialAugment, verticalFlip] as const
export type TransformName = (typeof transformEntries)[number]['name']
export const transforms = registry<Transform>('transform', transformEntries)
