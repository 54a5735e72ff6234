// Written by core/registry/sync.ts from the files of this folder. Do not edit.
import { cifar10Resnet20 } from './cifar10-resnet20.ts'
import { cifar10Resnet56 } from './cifar10-resnet56.ts'
import { imagenetResnet101Mindspore } from './imagenet-resnet101-mindspore.ts'
import { imagenetResnet152Ascend } from './imagenet-resnet152-ascend.ts'
import { imagenetResnet18 } from './imagenet-resnet18.ts'
import { imagenetResnet50 } from './imagenet-resnet50.ts'
import { imagenetResnet50Mindspore } from './imagenet-resnet50-mindspore.ts'
import { sample } from './sample.ts'

export const presets = [cifar10Resnet20, cifar10Resnet56, imagenetResnet101Mindspore, imagenetResnet152Ascend, imagenetResnet18, imagenetResnet50, imagenetResnet50Mindspore, sample] as const
