/** The same values in another shape, in the same memory. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { TorchBackend } from '../../backend.ts'
import { giveStrings, stringsOf } from './strings.ts'

/** @param shape of as many elements */
export function reshaped(x: TensorInfo, shape: readonly number[], backend: TorchBackend): TensorInfo {
  if (x.dtype === 'string') return giveStrings(stringsOf(x, backend), shape, backend)
  return backend.adopt(backend.addon.reshape(backend.handle(x), shape), shape, x.dtype)
}
