/** Inception-v4. */
import { entry } from '../registry/registry.ts'
import { inceptionOptions, inceptionV4 as network } from './shared/inception-v4.ts'

export const inceptionV4 = entry({
  name: 'inception-v4',
  title: 'Inception-v4',
  summary:
    '149 convolutions in branching blocks, 42.7 million parameters with 1000 classes; made for 299 x 299 pixels; timm names.',
  source:
    'Szegedy et al. 2016, Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning; TF-slim inception_v4',
  options: inceptionOptions,
  create: options => network(options),
})
