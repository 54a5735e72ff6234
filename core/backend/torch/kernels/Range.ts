/** start, start + step, … before stop. */
import type { RangeAttrs } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'

export const Range = composed<object, RangeAttrs>('Range', (work, _inputs, attrs) => {
  const { start, stop, dtype } = attrs
  // tfjs counts down by itself where the step is the default.
  const step = attrs.stop < attrs.start && attrs.step === 1 ? -1 : attrs.step
  const isEmpty = start === stop || (start < stop && step < 0) || (stop < start && step > 1)
  const count = isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step))
  const values = Float64Array.from({ length: count }, (_, index) => start + index * step)
  return work.giveValues(values, dtype, [count])
})
