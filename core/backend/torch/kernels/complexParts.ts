/** Complex numbers, which libtorch stores as such: from two parts, and back to them. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../binding.ts'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'

interface Parts {
  readonly real: TensorInfo
  readonly imag: TensorInfo
}

export const complexParts: readonly TorchKernel[] = [
  composed<Parts>('Complex', (work, { real, imag }) => {
    const [re, im] = [real, imag].map(part => work.as(work.of(part), scalarTypes.float32))
    return work.give(work.run('aten::complex', re, im), 'complex64', real.shape)
  }),
  composed<{ input: TensorInfo }>('Real', (work, { input }) =>
    work.give(work.run('aten::real', work.of(input)), 'float32', input.shape),
  ),
  composed<{ input: TensorInfo }>('Imag', (work, { input }) =>
    work.give(work.run('aten::imag', work.of(input)), 'float32', input.shape),
  ),
  composed<{ x: TensorInfo }>('ComplexAbs', (work, { x }) =>
    work.give(work.run('aten::abs', work.of(x)), 'float32', x.shape),
  ),
]
