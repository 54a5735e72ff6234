/** x·scale + shift with one scale and one shift per channel, then an addend and a ReLU where asked, in one pass. */
import { add, mul, relu, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import { fitsPasses, runChannelPass } from '../simd/run-pass.ts'
import { rowsOf } from './shared/channels.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { handleOrNull, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [...,C] */
  readonly x: Tensor
  readonly scale: Tensor
  readonly shift: Tensor
  readonly addend?: Tensor
}
interface Attributes {
  readonly relu?: boolean
}
type Call = KernelCall<Inputs, Attributes>

export const ScaleShift: KernelEntry = {
  name: 'ScaleShift',
  summary: 'x·scale + shift per channel, optionally + addend and ReLU',
  on: { wasm: implement<Inputs, Attributes>(onWasm), torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

function reference({ inputs, attrs }: Pick<Call, 'inputs' | 'attrs'>): Tensor {
  const { x, scale, shift, addend } = inputs
  return tidy(() => {
    const scaled = add(mul(x, scale), shift)
    const sum = addend ? add(scaled, addend) : scaled
    return attrs.relu ? relu(sum) : sum
  })
}

function onTorch({ inputs, attrs: { relu = false }, backend }: Call): TensorInfo {
  const torch = torchOf(backend)
  const [x, scale, shift] = [inputs.x, inputs.scale, inputs.shift].map(each => torch.handle(each))
  const addend = handleOrNull(torch, inputs.addend)
  return torch.adopt(torch.addon.scaleShift(x!, scale!, shift!, addend, relu), inputs.x.shape, 'float32')
}

function onWasm(call: Call): TensorInfo {
  const { inputs, attrs, backend } = call
  const { x, scale, shift, addend } = inputs
  const { rows, channels } = rowsOf(x)
  if (!fitsPasses(channels)) return reference(call)
  const simd = simdModule(backend)
  const out = simd.output(x.shape)
  const read = addend ? [x, addend] : [x]
  runChannelPass(simd, {
    name: `scaleShift${addend ? 'Add' : ''}${attrs.relu ? 'Relu' : ''}`,
    rows,
    channels,
    tensors: [...read, out].map(simd.address),
    vectors: [scale, shift].map(simd.address),
  })
  return out
}
