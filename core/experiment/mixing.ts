/** Augmentation of whole batches: mixing of images, and erasing of parts. */
import { z } from 'zod'
import { integer, oneOf, real, section, unless } from './fieldTypes.ts'

const Erasing = section(
  'Random erasing',
  'Rectangles of noise or of one colour, after normalising (Zhong et al. 2020)',
  {
    probability: real(0, 1, 0, 'Probability', 'Share of the images that lose a part'),
    minArea: unless('probability', [0], real(0.001, 1, 0.02, 'Smallest area', 'As a share of the image')),
    maxArea: unless('probability', [0], real(0.001, 1, 1 / 3, 'Largest area', 'As a share of the image')),
    minAspect: unless(
      'probability',
      [0],
      real(0.01, 1, 0.3, 'Narrowest shape', 'Smallest ratio of the sides; the largest is its inverse'),
    ),
    mode: unless(
      'probability',
      [0],
      oneOf(
        ['pixel', 'colour', 'zero'],
        'pixel',
        'Fill with',
        'pixel: noise in every pixel; colour: one random colour; zero: the mean',
      ),
    ),
    count: unless('probability', [0], integer(1, 10, 1, 'Parts', 'Rectangles in an image', 'parts')),
  },
)

/** @source Zhang et al. 2018, mixup; Yun et al. 2019, CutMix; timm.data.mixup and timm.data.random_erasing. */
export const MixingInput = section('Mixing', 'Changes to whole batches of training images', {
  mixupAlpha: real(
    0,
    10,
    0,
    'Mixup',
    'Images are blended in shares drawn from Beta(α, α); 0 switches it off',
  ),
  cutmixAlpha: real(
    0,
    10,
    0,
    'CutMix',
    'A part is replaced by that of another image, its area drawn from Beta(α, α); 0 switches it off',
  ),
  probability: real(0, 1, 1, 'Probability', 'Share of the batches that are mixed'),
  switchProbability: real(0, 1, 0.5, 'CutMix share', 'Of the mixed batches, where both are on'),
  untilEpoch: integer(0, 10_000, 0, 'Until epoch', 'Mixing ends at this epoch; 0 never', 'epochs'),
  erasing: Erasing,
})
export type MixingConfig = z.output<typeof MixingInput>
