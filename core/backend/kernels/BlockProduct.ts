/**
 * Products of matrices with square ones, [N,R,S]·[N,S,S]. Batched products of some libtorch's for processors run far below
 * what the processor can, its 1x1 convolutions here do not.
 */
import { matMul } from '@tensorflow/tfjs-core'
import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core'
import { Work } from '../torch/kernels/shared/work.ts'
import { implement } from './shared/kernel.ts'
import type { KernelCall, KernelEntry } from './shared/kernel.ts'
import { torchOf } from './shared/torch.ts'

interface Inputs {
  /** [N,R,S] */
  readonly a: Tensor
  /** [N,S,S] */
  readonly b: Tensor
}

export const BlockProduct: KernelEntry = {
  name: 'BlockProduct',
  summary: 'a·b for each pair of a [N,R,S] and b [N,S,S]',
  on: { torch: implement<Inputs>(onTorch) },
  reference: implement<Inputs>(({ inputs: { a, b } }) => matMul(a, b)),
}

function onTorch({ inputs: { a, b }, backend }: KernelCall<Inputs, object>): TensorInfo {
  const work = new Work(torchOf(backend))
  const [count, rows, side] = a.shape as [number, number, number]
  try {
    if (work.backend.device !== 'cpu')
      return work.give(work.run('aten::bmm', work.of(a), work.of(b)), 'float32')
    const products = Array.from({ length: count }, (_, at) => {
      const x = work.reshape(work.run('aten::select.int', work.of(a), 0, at), [1, 1, rows, side])
      const filter = work.reshape(work.run('aten::select.int', work.of(b), 0, at), [1, 1, side, side])
      const product = work.own(work.backend.addon.convolve(x, filter, [1, 1, 0, 0, 1, rows]))
      return work.reshape(product, [rows, side])
    })
    return work.give(work.run('aten::stack', products, 0), 'float32')
  } finally {
    work.free()
  }
}
