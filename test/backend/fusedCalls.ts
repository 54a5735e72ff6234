/** Calls of the fused kernels over shapes that take every way through them. */
import { noise } from './cases.ts'
import type { Call, Values } from './cases.ts'

/** Whole vectors, parts of vectors, fewer channels than a vector has, tiles of channels, and more rows than one block. */
export const normShapes: readonly (readonly number[])[] = [
  [2, 5, 7, 16],
  [3, 11, 13, 48],
  [2, 3, 3, 4],
  [200, 20],
  [4, 2, 2, 3],
  [2, 33, 31, 64],
  [3, 7, 7, 1032],
  [1, 2],
  [2, 1],
]

/** Batch norm and its parts. */
export function normCalls(shape: readonly number[]): Call[] {
  const channels = [shape.at(-1)!]
  const [x, dy, y, addend] = [1, 2, 3, 4].map(seed => noise(shape, seed)) as [Values, Values, Values, Values]
  const [gamma, beta, mean] = [5, 6, 7].map(seed => noise(channels, seed)) as [Values, Values, Values]
  const positive = { shape: channels, values: gamma.values.map(value => Math.abs(value) + 0.5) }
  const running = { runningMean: mean, runningVariance: positive }
  const norm = { dy, x, gamma, mean, inverseStd: positive }
  const forward = { x, gamma, beta, ...running }
  const training = { epsilon: 1e-5, momentum: 0.1, training: true }
  const call = (kernel: string, detail: string, inputs: Call['inputs'], attributes = {}): Call => ({
    kernel,
    label: `${kernel}${detail}`,
    inputs,
    attributes,
  })
  return [
    call('ChannelMoments', '', { x }),
    call('ScaleShift', ' + ReLU', { x, scale: gamma, shift: beta }, { relu: true }),
    call('ScaleShift', ' + addend', { x, scale: gamma, shift: beta, addend }),
    call('BatchNorm', ' in training', forward, training),
    call('BatchNorm', ' + ReLU in training', forward, { ...training, relu: true }),
    call('BatchNorm', ' + addend + ReLU in training', { ...forward, addend }, { ...training, relu: true }),
    call('BatchNorm', ' + ReLU in evaluation', forward, { ...training, training: false, relu: true }),
    call('FusedBatchNormGrad', '', norm),
    call('FusedBatchNormGrad', ' + ReLU', { ...norm, y }, { relu: true }),
    call('FusedBatchNormGrad', ' + ReLU read off x', { ...norm, beta }, { relu: true }),
    call('FusedBatchNormGrad', ' + addend', norm, { addend: true }),
    call('FusedBatchNormGrad', ' + addend + ReLU', { ...norm, y }, { addend: true, relu: true }),
    call('FusedBatchNormGrad', ' + ReLU, frozen', { ...norm, beta }, { relu: true, frozen: true }),
    call('ReluGrad', '', { dy, y }),
    call('Relu', '', { x }),
    call('Add', '', { a: x, b: y }),
  ].filter(({ attributes }) => shape[0]! > 1 || !(attributes as { training?: boolean }).training)
}

/** GeM of small and odd sizes; whole powers and others. */
export function gemCalls(): Call[] {
  const shapes = [
    [2, 3, 4, 16],
    [3, 7, 7, 37],
    [2, 1, 1, 5],
  ]
  return shapes.flatMap(shape =>
    [1, 2, 3, 4, 2.7].flatMap((p): Call[] => {
      const x = noise(shape, 1)
      const dy = noise([shape[0]!, shape[3]!], 2)
      const y = { shape: dy.shape, values: noise(dy.shape, 3).values.map(value => Math.abs(value) + 0.1) }
      const label = `of ${shape.join('x')}, p = ${p}`
      const floor = 1e-6
      return [
        { kernel: 'GemPool', label: `GemPool ${label}`, inputs: { x }, attributes: { p, floor } },
        {
          kernel: 'GemPoolGrad',
          label: `GemPoolGrad ${label}`,
          inputs: { dy, x, y },
          attributes: { p, floor, ofPower: true },
        },
      ]
    }),
  )
}
