/**
 * One step of stochastic gradient descent with momentum.
 *
 * @source torch.optim.SGD with dampening 0; Sutskever et al. 2013 for Nesterov's form.
 */
import { add, mul, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { adoptAll, torchOf } from './shared/torch.ts'

interface Inputs {
  readonly value: Tensor
  readonly gradient: Tensor
  readonly velocity: Tensor
}
interface Attributes {
  readonly learningRate: number
  readonly momentum: number
  readonly nesterov?: boolean
  readonly weightDecay?: number
}
type Call = KernelCall<Inputs, Attributes>

export const SgdUpdate: KernelEntry = {
  name: 'SgdUpdate',
  summary: 'Value and velocity after a step of SGD with momentum and weight decay',
  on: { wasm: implement<Inputs, Attributes>(onWasm), torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

function reference({ inputs, attrs }: Pick<Call, 'inputs' | 'attrs'>): Tensor[] {
  const { value, gradient, velocity } = inputs
  const { learningRate, momentum, nesterov = false, weightDecay = 0 } = attrs
  return tidy(() => {
    const g = weightDecay === 0 ? gradient : add(gradient, mul(value, weightDecay))
    const v = add(mul(velocity, momentum), g)
    const direction = nesterov ? add(g, mul(v, momentum)) : v
    return [sub(value, mul(direction, learningRate)), v]
  })
}

function onTorch({ inputs, attrs, backend }: Call): TensorInfo[] {
  const torch = torchOf(backend)
  const { learningRate, momentum, nesterov = false, weightDecay = 0 } = attrs
  const [value, gradient, velocity] = [inputs.value, inputs.gradient, inputs.velocity].map(each => [
    torch.handle(each),
  ])
  const made = torch.addon.sgd(
    value!,
    gradient!,
    velocity!,
    [weightDecay],
    [0, 0],
    learningRate,
    momentum,
    nesterov,
    1,
  )
  return adoptAll(torch, made, [inputs.value.shape, inputs.value.shape])
}

function onWasm({ inputs, attrs, backend }: Call): TensorInfo[] {
  const { value, gradient, velocity } = inputs
  const { learningRate, momentum, nesterov = false, weightDecay = 0 } = attrs
  const simd = simdModule(backend)
  const made = [simd.output(value.shape), simd.output(value.shape)]
  const addresses = [value, gradient, velocity, ...made].map(simd.address)
  simd.call(nesterov ? 'sgdNesterov' : 'sgd', ...addresses, value.size, learningRate, momentum, weightDecay)
  return made
}
