/** Shapes of operations that leave the shape as it is. */
import type { Attributes, Fail, Shape } from './op.ts'

/** The shape of the one input. */
export function passThroughShape([input = []]: readonly Shape[]): number[] {
  return [...input]
}

/** The shape that all inputs share. */
export function commonShape(inputs: readonly Shape[], _attributes: Attributes, fail: Fail): number[] {
  const [first = []] = inputs
  if (inputs.length < 2) fail(`expected at least two inputs, got ${inputs.length}`)
  if (inputs.some(shape => shape.join() !== first.join())) {
    fail(`expected inputs of one shape, got ${inputs.map(shape => `[${shape.join(', ')}]`).join(' and ')}`)
  }
  return [...first]
}
