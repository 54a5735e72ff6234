/**
 * Several ranks in one process, over any backend: each takes its turn at the event loop, and what they exchange passes through plain
 * arrays. Where a real rank would wait for another one, a fake one does.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Collective } from '../../../core/training/index.ts'

interface Exchange {
  readonly given: unknown[]
  arrived: number
  readonly done: Promise<void>
  readonly complete: () => void
}

/** @param calls is told each call of rank 0, with its size */
export function fakeRanks(
  world: number,
  calls: (name: string, size: number) => void = () => {},
): Collective[] {
  const exchanges: Exchange[] = []
  return Array.from({ length: world }, (_, rank) => {
    let at = 0
    /** What all ranks gave in this call, in their order. */
    const exchange = async <Value>(value: Value): Promise<Value[]> => {
      const here = (exchanges[at++] ??= newExchange())
      here.given[rank] = value
      if (++here.arrived === world) here.complete()
      await here.done
      return here.given as Value[]
    }
    const note = (name: string, size: number): void => {
      if (rank === 0) calls(name, size)
    }
    return {
      ...{ rank, world, localWorld: world, transport: 'memory' },
      mean: async tensors => {
        note('mean', tensors.length)
        const own = tensors.map(tensor => tensor.dataSync() as Float32Array)
        const shapes = tensors.map(({ shape }) => shape)
        tf.dispose([...tensors])
        const all = await exchange(own)
        return shapes.map((shape, which) => tf.tensor(meanOf(all.map(each => each[which]!)), shape))
      },
      meanNow: () => {
        throw new Error('ranks of one process cannot wait for each other')
      },
      sum: async numbers => {
        note('sum', numbers.length)
        const all = await exchange([...numbers])
        return numbers.map((_, which) => all.reduce((sum, each) => sum + each[which]!, 0))
      },
      broadcast: async tensor => {
        const [first] = await exchange(tensor.dataSync() as Float32Array)
        return tf.tensor(first!.slice(), tensor.shape, tensor.dtype as 'float32')
      },
      share: async text => (await exchange(text))[0]!,
      barrier: async () => void (await exchange(null)),
      leave: async () => {},
    }
  })
}

function newExchange(): Exchange {
  let complete = (): void => {}
  const done = new Promise<void>(resolve => (complete = resolve))
  return { given: [], arrived: 0, done, complete }
}

function meanOf(arrays: readonly Float32Array[]): Float32Array {
  return arrays[0]!.map((_, at) => arrays.reduce((sum, array) => sum + array[at]!, 0) / arrays.length)
}
