/**
 * Gradient of `GemPool`: dx = dy·y^(1−p)·x^(p−1)/n where x is not below the floor, and
 * dp = Σ dy·y·(Σ x^p·ln x/(p·Σ x^p) − ln(y)/p) over all images and channels.
 */
import {
  div,
  greaterEqual,
  log,
  maximum,
  mul,
  pow,
  reshape,
  sub,
  sum,
  tidy,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { adoptAll, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,C] */
  readonly dy: Tensor
  /** [N,H,W,C] */
  readonly x: Tensor
  /** What `GemPool` gave, [N,C]. */
  readonly y: Tensor
}
interface Attributes {
  readonly p: number
  readonly floor: number
  /** Whether the gradient for p is wanted too. */
  readonly ofPower: boolean
}
type Call = KernelCall<Inputs, Attributes>

export const GemPoolGrad: KernelEntry = {
  name: 'GemPoolGrad',
  summary: 'Gradient of GemPool for x [N,H,W,C] and, where asked, for p []',
  on: { torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

function reference({ inputs, attrs }: Pick<Call, 'inputs' | 'attrs'>): Tensor[] {
  const { dy, x, y } = inputs
  const { p, floor, ofPower } = attrs
  const pixels = x.shape[1]! * x.shape[2]!
  return tidy(() => {
    const raised = maximum(x, floor) // [N,H,W,C]
    const factor = div(mul(dy, pow(y, 1 - p)), pixels) // [N,C]
    const perPixel = mul(pow(raised, p - 1), reshape(factor, [x.shape[0]!, 1, 1, x.shape[3]!])) // [N,H,W,C]
    const dx = where(greaterEqual(x, floor), perPixel, zerosLike(perPixel))
    if (!ofPower) return [dx]
    const powers = pow(raised, p) // [N,H,W,C]
    const weighted = div(sum(mul(powers, log(raised)), [1, 2]), mul(sum(powers, [1, 2]), p)) // [N,C]
    return [dx, sum(mul(mul(dy, y), sub(weighted, div(log(y), p))))]
  })
}

function onTorch({ inputs: { dy, x, y }, attrs, backend }: Call): TensorInfo[] {
  const torch = torchOf(backend)
  const { p, floor, ofPower } = attrs
  const [gradient, input, output] = [dy, x, y].map(each => torch.handle(each)) as [number, number, number]
  return adoptAll(torch, torch.addon.gemPoolGradient(gradient, input, output, p, floor, ofPower), [
    x.shape,
    [],
  ])
}
