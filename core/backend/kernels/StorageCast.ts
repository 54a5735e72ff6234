/**
 * The same values kept in another storage: float32, or 16 bits, to whose grid they are rounded. To tfjs the tensor stays float32.
 *
 * A backend without 16-bit storage rounds alone: what it computes then is what 16-bit storage would have kept, in 32 bits.
 */
import { abs, clone, div, less, mul, round, sub, tidy, where } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../torch/binding.ts'
import type { TorchBackend } from '../torch/backend.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'

interface Inputs {
  readonly x: Tensor
}
interface Attributes {
  readonly storage: 'float32' | 'bfloat16' | 'float16'
}
type Call = KernelCall<Inputs, Attributes>

export const StorageCast: KernelEntry = {
  name: 'StorageCast',
  summary: 'x kept as float32, bfloat16 or float16',
  on: { torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

/** Another handle of the same memory where it is stored like that already. */
function onTorch({ inputs: { x }, attrs: { storage }, backend }: Call): TensorInfo {
  const torch = backend as TorchBackend
  return torch.adopt(torch.addon.convert(torch.handle(x), scalarTypes[storage]), x.shape, 'float32')
}

function reference({ inputs: { x }, attrs: { storage } }: Pick<Call, 'inputs' | 'attrs'>): Tensor {
  if (storage === 'float32') return clone(x)
  return tidy(() => (storage === 'bfloat16' ? toSignificand(x, 8) : toFloat16(x)))
}

/** Beyond it the products below would overflow; no network's values come near. */
const splitLimit = 2 ** 100

/** Rounds to so many bits of significand (Dekker 1971): c − (c − x) with c = x·(2^s + 1) loses the last s of 24 bits. */
function toSignificand(x: Tensor, bits: number): Tensor {
  const c = mul(x, 2 ** (24 - bits) + 1)
  return where(less(abs(x), splitLimit), sub(c, sub(c, x)), x)
}

const largestFloat16 = 65504
const smallestNormalFloat16 = 2 ** -14
/** Distance between the numbers below the smallest normal one. */
const subnormalStep = 2 ** -24

function toFloat16(x: Tensor): Tensor {
  const subnormal = mul(round(div(x, subnormalStep)), subnormalStep)
  const normal = toSignificand(x, 11)
  const rounded = where(less(abs(x), smallestNormalFloat16), subnormal, normal)
  // 65520 and above become infinite; NaN is less than nothing and stays NaN.
  const fits = less(abs(normal), largestFloat16 + 1)
  return where(fits, rounded, mul(x, Infinity))
}
