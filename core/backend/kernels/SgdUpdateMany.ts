/**
 * One step of stochastic gradient descent for all parameters of a network in one call.
 *
 * @source torch.optim.SGD with dampening 0 and foreach; Sutskever et al. 2013 for Nesterov's form.
 */
import { add, engine, mul, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'

/** All values, then all gradients in the same order, then all velocities, or none of them without momentum. */
type Inputs = readonly Tensor[]
interface Attributes {
  readonly learningRate: number
  /** 0: there are no velocities, neither in nor out. */
  readonly momentum: number
  readonly nesterov: boolean
  /** One for each parameter. */
  readonly weightDecays: readonly number[]
  /** Each gradient is multiplied by it first: 1 over the loss scale. */
  readonly gradientScale: number
}
type Call = KernelCall<Inputs, Attributes>

export const SgdUpdateMany: KernelEntry = {
  name: 'SgdUpdateMany',
  summary: 'Values, then velocities, of all parameters after a step of SGD with momentum and weight decay',
  on: {},
  reference: implement<Inputs, Attributes>(reference),
}

/** [values..., velocities...] */
function reference({ inputs, attrs }: Pick<Call, 'inputs' | 'attrs'>): Tensor[] {
  const tensors = Object.values(inputs)
  const count = attrs.weightDecays.length
  const updates = attrs.weightDecays.map((weightDecay, index) =>
    updateOne(
      { ...attrs, weightDecay },
      tensors[index]!,
      tensors[count + index]!,
      tensors[2 * count + index],
    ),
  )
  return [...updates.map(([updated]) => updated!), ...updates.flatMap(([, next]) => next ?? [])]
}

/** [value, velocity] */
function updateOne(
  attrs: Omit<Attributes, 'weightDecays'> & { readonly weightDecay: number },
  value: Tensor,
  gradient: Tensor,
  velocity: Tensor | undefined,
): Tensor[] {
  const { learningRate, momentum, nesterov, weightDecay, gradientScale } = attrs
  return tidy(() => {
    const unscaled = gradientScale === 1 ? gradient : mul(gradient, gradientScale)
    if (velocity) {
      const inputs = { value, gradient: unscaled, velocity }
      const one = { learningRate, momentum, nesterov, weightDecay }
      return engine().runKernel<Tensor[]>('SgdUpdate', inputs, one)
    }
    const g = weightDecay === 0 ? unscaled : add(unscaled, mul(value, weightDecay))
    return [sub(value, mul(g, learningRate))]
  })
}
