/**
 * Gradients of batch norm followed by an addition and a ReLU: one pass for the sums, one for the input's gradient.
 *
 * @source Ioffe and Szegedy 2015, section 3.
 */
import { add, clone, greater, mul, sub, sum, tidy, where, zerosLike } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { simdModule } from '../simd/module.ts'
import type { SimdModule } from '../simd/module.ts'
import { fitsPasses, runChannelPass } from '../simd/run-pass.ts'
import { asRows, rowsOf } from './shared/channels.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { adoptAll, handleOrNull, torchOf } from './shared/torch.ts'

interface Inputs {
  /** [...,C], as are x and y. */
  readonly dy: Tensor
  readonly x: Tensor
  readonly gamma: Tensor
  readonly mean: Tensor
  readonly inverseStd: Tensor
  /** Output of the ReLU; only with `relu`. */
  readonly y?: Tensor
  /** With `relu` and without an addend it may stand in for y, whose sign is then computed again from x. */
  readonly beta?: Tensor
}
interface Attributes {
  readonly relu?: boolean
  readonly addend?: boolean
  readonly frozen?: boolean
}
type Call = KernelCall<Inputs, Attributes>

export const FusedBatchNormGrad: KernelEntry = {
  name: 'FusedBatchNormGrad',
  summary: 'Gradients of batch norm [+ addend] [+ ReLU] for x, γ, β and the addend',
  on: { wasm: implement<Inputs, Attributes>(onWasm), torch: implement<Inputs, Attributes>(onTorch) },
  reference: implement<Inputs, Attributes>(reference),
}

function reference({ inputs, attrs }: Pick<Call, 'inputs' | 'attrs'>): Tensor[] {
  const { dy, x, gamma, mean, inverseStd } = inputs
  const { rows } = rowsOf(x)
  return tidy(() => {
    const y = attrs.relu ? (inputs.y ?? outputAgain(inputs)) : undefined
    const dz = y ? where(greater(y, 0), dy, zerosLike(dy)) : dy
    const normalised = mul(sub(x, mean), inverseStd)
    const dgamma = sum(asRows(mul(dz, normalised)), 0) // [C]
    const dbeta = sum(asRows(dz), 0) // [C]
    const ofStatistics = sub(sub(dz, mul(dbeta, 1 / rows)), mul(normalised, mul(dgamma, 1 / rows)))
    const dx = mul(attrs.frozen ? dz : ofStatistics, mul(gamma, inverseStd))
    return attrs.addend ? [dx, dgamma, dbeta, dz === dy ? clone(dz) : dz] : [dx, dgamma, dbeta]
  })
}

/** What went into the ReLU, which has the sign of what came out. */
function outputAgain({ x, gamma, beta, mean, inverseStd }: Inputs): Tensor {
  const scale = mul(gamma, inverseStd)
  return add(mul(x, scale), sub(beta!, mul(mean, scale)))
}

function onTorch({ inputs, attrs, backend }: Call): TensorInfo[] {
  const torch = torchOf(backend)
  const { dy, x, gamma, beta, mean, inverseStd, y } = inputs
  const { relu = false, addend = false, frozen = false } = attrs
  const [gradient, input, g, m, i] = [dy, x, gamma, mean, inverseStd].map(each => torch.handle(each))
  const [b, output] = [handleOrNull(torch, beta), handleOrNull(torch, y)]
  const made = torch.addon.batchNormGradient(gradient!, input!, g!, b, m!, i!, output, relu, addend, frozen)
  return adoptAll(torch, made, [x.shape, gamma.shape, gamma.shape, x.shape])
}

function onWasm(call: Call): TensorInfo[] {
  const { inputs, attrs, backend } = call
  const { dy, x, gamma, mean, inverseStd, y } = inputs
  const { rows, channels } = rowsOf(x)
  if (!fitsPasses(channels) || (attrs.relu && !y)) return reference(call)
  const simd = simdModule(backend)
  const relu = attrs.relu && y ? 'Relu' : ''
  const read = (relu && y ? [dy, x, y] : [dy, x]).map(simd.address)
  const [dx, dgamma, dbeta] = [simd.output(x.shape), simd.output([channels]), simd.output([channels])]
  const keep = relu !== '' && attrs.addend === true
  const dz = keep ? simd.output(x.shape) : null

  const vectorBytes = 4 * channels
  const sums = simd.scratch(2 * 8 * channels + 3 * vectorBytes)
  simd.zero(sums, 2 * 8 * channels)
  const common = { rows, channels }
  runChannelPass(simd, {
    ...common,
    name: `sumProducts${relu}`,
    tensors: read,
    vectors: [simd.address(mean)],
    sums,
  })
  const coefficients = sums + 2 * 8 * channels
  writeCoefficients(simd, {
    sums,
    coefficients,
    channels,
    rows,
    frozen: attrs.frozen === true,
    gamma,
    inverseStd,
    dgamma,
    dbeta,
  })
  runChannelPass(simd, {
    ...common,
    name: `inputOfNorm${relu}${keep ? 'Keep' : ''}`,
    tensors: [...read, ...(dz ? [dx, dz] : [dx]).map(tensor => simd.address(tensor))],
    vectors: [simd.address(mean), coefficients, coefficients + vectorBytes, coefficients + 2 * vectorBytes],
  })
  if (!attrs.addend) return [dx, dgamma, dbeta]
  return [dx, dgamma, dbeta, dz ?? copyOf(simd, dy)]
}

interface CoefficientsPart {
  readonly sums: number
  /** Where scale, slope and offset of the pass `inputOfNorm` go, [C] each. */
  readonly coefficients: number
  readonly channels: number
  readonly rows: number
  readonly frozen: boolean
  readonly gamma: TensorInfo
  readonly inverseStd: TensorInfo
  readonly dgamma: TensorInfo
  readonly dbeta: TensorInfo
}

/** From Σ dz and Σ dz·(x − mean): dγ, dβ, and the three coefficients per channel. */
function writeCoefficients(simd: SimdModule, part: CoefficientsPart): void {
  const { channels, rows } = part
  const [sums, products] = [
    simd.doubles(part.sums, channels),
    simd.doubles(part.sums + 8 * channels, channels),
  ]
  const vector = (tensor: TensorInfo): Float32Array => simd.floats(simd.address(tensor), channels)
  const [gamma, inverseStd, dgamma, dbeta] = [part.gamma, part.inverseStd, part.dgamma, part.dbeta].map(
    vector,
  )
  const [scales, slopes, offsets] = [0, 1, 2].map(index =>
    simd.floats(part.coefficients + 4 * channels * index, channels),
  )
  for (let channel = 0; channel < channels; channel++) {
    const [sumOfDz, product, inverse] = [sums[channel]!, products[channel]!, inverseStd![channel]!]
    const scale = gamma![channel]! * inverse
    dgamma![channel] = product * inverse
    dbeta![channel] = sumOfDz
    scales![channel] = scale
    slopes![channel] = part.frozen ? 0 : (-scale * inverse * inverse * product) / rows
    offsets![channel] = part.frozen ? 0 : (-scale * sumOfDz) / rows
  }
}

function copyOf(simd: SimdModule, tensor: TensorInfo): TensorInfo {
  const copy = simd.output(tensor.shape)
  const sizeBytes = 4 * tensor.shape.reduce((product, length) => product * length, 1)
  simd.call('copyLines', simd.address(tensor), simd.address(copy), 1, sizeBytes, 0, 0)
  return copy
}
