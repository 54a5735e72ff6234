/** Images from bytes: byte · scale + shift with one scale and one shift per channel, in the storage that a network wants. */
import { add, cast, engine, mul, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from '../torch/binding.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

interface Attributes {
  readonly bytes: Uint8Array
  /** [N,H,W,C] */
  readonly shape: readonly number[]
  readonly scale: readonly number[]
  readonly shift: readonly number[]
  readonly storage: 'float32' | 'bfloat16' | 'float16'
}
type Call = KernelCall<object, Attributes>

export const NormaliseImages: KernelEntry = {
  name: 'NormaliseImages',
  summary: 'Images [N,H,W,C] from bytes, scaled and shifted per channel',
  on: { torch: implement<object, Attributes>(onTorch) },
  reference: implement<object, Attributes>(reference),
}

function reference({ attrs }: Pick<Call, 'attrs'>): Tensor {
  const { bytes, shape, scale, shift, storage } = attrs
  return tidy(() => {
    const pixels = cast(tensor(bytes, [...shape], 'int32'), 'float32') // [N,H,W,C]
    const images = add(mul(pixels, tensor1d([...scale])), tensor1d([...shift]))
    return storage === 'float32'
      ? images
      : engine().runKernel<Tensor>('StorageCast', { x: images }, { storage })
  })
}

function onTorch({ attrs, backend }: Call): TensorInfo {
  const torch = torchOf(backend)
  const { bytes, shape, scale, shift, storage } = attrs
  const handle = torch.addon.normaliseImages(bytes, shape, scale, shift, scalarTypes[storage], torch.device)
  return torch.adopt(handle, shape, 'float32')
}
