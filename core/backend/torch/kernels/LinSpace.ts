/** A number of values from start to stop, evenly spaced. */
import type { LinSpaceAttrs } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

export const LinSpace = composed<object, LinSpaceAttrs>('LinSpace', (work, _inputs, { start, stop, num }) => {
  const step = num > 1 ? (stop - start) / (num - 1) : 0
  const values = Float64Array.from({ length: num }, (_, index) => start + index * step)
  return work.giveValues(values, 'float32', [num])
})
