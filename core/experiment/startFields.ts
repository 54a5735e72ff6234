/** What weights a run starts from. */
import { z } from 'zod'
import { flag, patterns, section } from './fieldTypes.ts'

export const StartInput = section('Start from', 'Weights that a run begins with instead of random ones', {
  weights: z.string().max(4096).default('').meta({
    title: 'Weights',
    description:
      'Folder of a checkpoint, a safetensors file, or a state dict of PyTorch (.pth); empty for random weights',
  }),
  exclude: patterns(
    'Leave out',
    'Parameters that start at random all the same: names or patterns such as fc, layer4.*',
  ),
  replaceHead: flag(
    true,
    'Replace the classifier',
    'Where the classifier has another number of classes it starts at random; otherwise that is an error',
  ),
  preferAverage: flag(true, 'Take the average', 'Of a checkpoint that has one, the average of its weights'),
})
