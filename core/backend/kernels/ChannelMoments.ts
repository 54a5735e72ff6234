/** Mean and variance of every channel. */
import { mean, square, squeeze, sub, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import type { SimdModule } from '../simd/module.ts'
import { fitsPasses, runChannelPass } from '../simd/run-pass.ts'
import { asRows, rowsOf } from './shared/channels.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { adoptAll, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [...,C] */
  readonly x: Tensor
}

export const ChannelMoments: KernelEntry = {
  name: 'ChannelMoments',
  summary: 'Mean [C] and variance [C], divided by n, of x [...,C] over all other dimensions',
  on: { wasm: implement<Inputs>(onWasm), torch: implement<Inputs>(onTorch) },
  reference: implement<Inputs>(reference),
}

function reference({ inputs }: Pick<KernelCall<Inputs, object>, 'inputs'>): Tensor[] {
  return tidy(() => {
    const x = asRows(inputs.x) // [n,C]
    const average = mean(x, 0, true) // [1,C]
    return [squeeze(average, [0]), mean(square(sub(x, average)), 0)]
  })
}

function onTorch({ inputs: { x }, backend }: KernelCall<Inputs, object>): TensorInfo[] {
  const torch = torchOf(backend)
  const shape = [x.shape.at(-1) ?? 1]
  return adoptAll(torch, torch.addon.channelMoments(torch.handle(x)), [shape, shape])
}

/** In two passes over the data. */
function onWasm(call: KernelCall<Inputs, object>): TensorInfo[] {
  const { x } = call.inputs
  const { rows, channels } = rowsOf(x)
  if (!fitsPasses(channels)) return reference(call)
  const simd = simdModule(call.backend)
  const [average, variance] = [simd.output([channels]), simd.output([channels])]
  const [tensors, vectors] = [[simd.address(x)], [simd.address(average)]]
  const sums = simd.scratch(8 * channels)
  const common = { rows, channels, tensors, sums }

  simd.zero(sums, 8 * channels)
  runChannelPass(simd, { ...common, name: 'sumRows', vectors: [] })
  writeMeans(simd, sums, average, channels, rows)
  simd.zero(sums, 8 * channels)
  runChannelPass(simd, { ...common, name: 'sumSquares', vectors })
  writeMeans(simd, sums, variance, channels, rows)
  return [average, variance]
}

function writeMeans(
  simd: SimdModule,
  sums: number,
  target: TensorInfo,
  channels: number,
  rows: number,
): void {
  const means = simd.floats(simd.address(target), channels)
  for (const [channel, sum] of simd.doubles(sums, channels).entries()) means[channel] = sum / rows
}
