// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { registry } from '../registry/registry.ts'
import type { Model } from './shared/model.ts'
import { cifarResnet110 } from './cifar-resnet110.ts'
import { cifarResnet20 } from './cifar-resnet20.ts'
import { cifarResnet32 } from './cifar-resnet32.ts'
import { cifarResnet44 } from './cifar-resnet44.ts'
import { cifarResnet56 } from './cifar-resnet56.ts'
import { cifarResnet8 } from './cifar-resnet8.ts'
import { inceptionV4 } from './inception-v4.ts'
import { multigrain } from './multigrain.ts'
import { resnet101 } from './resnet101.ts'
import { resnet152 } from './resnet152.ts'
import { resnet18 } from './resnet18.ts'
import { resnet34 } from './resnet34.ts'
import { resnet50 } from './resnet50.ts'
import { seResnet50 } from './se-resnet50.ts'
import { seResnet50Mindspore } from './se-resnet50-mindspore.ts'

export const modelEntries = [cifarResnet110, cifarResnet20, cifarResnet32, cifarResnet44, cifarResnet56, cifarResnet8, inceptionV4, multigrain, resnet101, resnet152, resnet18, resnet34, resnet50, seResnet50, seResnet50Mindspore] as const
export type ModelName = (typeof modelEntries)[number]['name']
export const models = registry<Model>('model', modelEntries)
