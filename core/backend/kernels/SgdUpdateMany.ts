/**
 * One step of stochastic gradient descent for all parameters of a network in one call.
 *
 * @source torch.optim.SGD with dampening 0 and foreach; Sutskever et al. 2013 for Nesterov's form.
 */
import { add, engine, mul, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { adoptAll, torchOf } from './shared/torch.ts'

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
  on: { torch: implement<Inputs, Attributes>(onTorch) },
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

/**
 * In one pass. A value or velocity of which tfjs has no other copy gives its memory to the result that replaces it: its own tensor
 * then reads as the result until the caller, who has no more use for it, disposes of it.
 */
function onTorch({ inputs, attrs, backend }: Call): TensorInfo[] {
  const torch = torchOf(backend)
  const tensors = Object.values(inputs)
  const count = attrs.weightDecays.length
  const replaced = [...tensors.slice(0, count), ...tensors.slice(2 * count)]
  const handles = tensors.map(tensor => torch.handle(tensor))
  const made = torch.addon.sgd(
    handles.slice(0, count),
    handles.slice(count, 2 * count),
    handles.slice(2 * count),
    attrs.weightDecays,
    replaced.map(({ dataId }) => (torch.refCount(dataId) === 1 ? 1 : 0)),
    attrs.learningRate,
    attrs.momentum,
    attrs.nesterov,
    attrs.gradientScale,
  )
  return adoptAll(
    torch,
    made,
    replaced.map(({ shape }) => shape),
  )
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
