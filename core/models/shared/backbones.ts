/** Networks by name, for those that are built on one of them. */
import { cifarResnet, cifarResnetOptions } from './cifar-resnet.ts'
import type { HeadOptions } from './head.ts'
import { inceptionV4, inceptionOptions } from './inception-v4.ts'
import type { Model } from './model.ts'
import { resnet, resnetOptions, type ResnetPlan } from './resnet.ts'

/** Blocks of the residual networks. */
export const resnetPlans = {
  resnet18: { name: 'resnet18', block: 'basic', depths: [2, 2, 2, 2] },
  resnet34: { name: 'resnet34', block: 'basic', depths: [3, 4, 6, 3] },
  resnet50: { name: 'resnet50', block: 'bottleneck', depths: [3, 4, 6, 3] },
  resnet101: { name: 'resnet101', block: 'bottleneck', depths: [3, 4, 23, 3] },
  resnet152: { name: 'resnet152', block: 'bottleneck', depths: [3, 8, 36, 3] },
  'se-resnet50': {
    name: 'se-resnet50',
    block: 'bottleneck',
    depths: [3, 4, 6, 3],
    squeeze: { where: 'every-block', reduction: 16 },
  },
  'se-resnet50-mindspore': {
    name: 'se-resnet50-mindspore',
    block: 'bottleneck',
    depths: [3, 4, 6, 3],
    squeeze: { where: 'end-of-last-stages', reduction: 4 },
    pools: true,
  },
} as const satisfies Record<string, ResnetPlan>

/** Blocks in each stage of the networks for small images. */
export const cifarPlans = {
  'cifar-resnet8': 1,
  'cifar-resnet20': 3,
  'cifar-resnet32': 5,
  'cifar-resnet44': 7,
  'cifar-resnet56': 9,
  'cifar-resnet110': 18,
} as const

export const backboneNames = [
  'resnet18',
  'resnet34',
  'resnet50',
  'resnet101',
  'resnet152',
  'se-resnet50',
  'se-resnet50-mindspore',
  'inception-v4',
  'cifar-resnet8',
  'cifar-resnet20',
  'cifar-resnet32',
  'cifar-resnet44',
  'cifar-resnet56',
  'cifar-resnet110',
] as const
export type BackboneName = (typeof backboneNames)[number]

/** A network with its own defaults and another head. */
export function backbone(name: BackboneName, head: HeadOptions, zeroInitLastGamma: boolean): Model {
  if (name === 'inception-v4')
    return inceptionV4({ ...inceptionOptions.parse({ auxiliaryHead: false }), ...head })
  if (name in cifarPlans) {
    const blocksPerStage = cifarPlans[name as keyof typeof cifarPlans]
    return cifarResnet(
      { name, blocksPerStage },
      { ...cifarResnetOptions.parse({}), ...head, zeroInitLastGamma },
    )
  }
  const form = name === 'se-resnet50-mindspore' ? { form: 'mindspore', stem: 'deep' } : {}
  const options = resnetOptions.parse({ ...form, zeroInitLastGamma })
  return resnet(resnetPlans[name as keyof typeof resnetPlans], { ...options, ...head })
}
