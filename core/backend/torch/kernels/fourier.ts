/** The discrete Fourier transform of the last axis, and its inverse. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'

export const fourier: readonly TorchKernel[] = [row('FFT', 'aten::fft_fft'), row('IFFT', 'aten::fft_ifft')]

function row(name: string, operator: string): TorchKernel {
  return composed<{ input: TensorInfo }>(name, (work, { input }) =>
    work.give(work.run(operator, work.of(input)), 'complex64', input.shape),
  )
}
