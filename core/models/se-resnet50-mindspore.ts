/** SE-ResNet-50 as MindSpore's recipe builds it. */
import { entry } from '../registry/registry.ts'
import { resnetPlans } from './shared/backbones.ts'
import { resnet, resnetOptions } from './shared/resnet.ts'

export const seResnet50Mindspore = entry({
  name: 'se-resnet50-mindspore',
  title: 'SE-ResNet-50, MindSpore',
  summary:
    'A stem of three 3x3 convolutions, pooling where others stride, squeeze and excitation (reduction 4) at the end of the last two stages.',
  source: 'mindspore-ai/models official/cv/ResNet, se-resnet50',
  options: resnetOptions.extend({
    form: resnetOptions.shape.form.default('mindspore'),
    stem: resnetOptions.shape.stem.default('deep'),
  }),
  create: options => resnet(resnetPlans['se-resnet50-mindspore'], options),
})
