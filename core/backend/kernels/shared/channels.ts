/** Tensors seen as rows of channels, the last dimension. */
import { reshape } from '@tensorflow/tfjs-core'
import type { Tensor, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core'

/** How many channels there are, and how many rows of them: [...,C] has n·C values. */
export function rowsOf({ shape }: TensorInfo): { readonly rows: number; readonly channels: number } {
  const channels = shape.at(-1) ?? 1
  const rows = shape.slice(0, -1).reduce((product, length) => product * length, 1)
  return { rows, channels }
}

/** [...,C] as [n,C]. */
export function asRows(x: Tensor): Tensor2D {
  const { rows, channels } = rowsOf(x)
  return reshape(x, [rows, channels])
}
