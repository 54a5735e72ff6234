/** Entry of a thread that packs: takes one file after the other until none is left. */
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../../errors/index.ts'
import { openDataset } from '../openDataset.ts'
import { counters, type FromPackThread, type PackThreadData } from './threads.ts'
import { writeShard } from './writeShard.ts'

const port = parentPort
if (!port) throw new Error('packThread.ts runs as a worker thread')
const { dataset: ref, shared, shards, out, options, control } = workerData as PackThreadData
const send = (message: FromPackThread): void => port.postMessage(message)
const state = new BigInt64Array(control)

function written(bytes: number): void {
  Atomics.add(state, counters.images, 1n)
  Atomics.add(state, counters.bytes, BigInt(bytes))
  if (Atomics.load(state, counters.isCancelled) !== 0n)
    throw new AppError('cancelled', 'Packing was cancelled')
}

try {
  const dataset = await openDataset(ref, shared)
  try {
    for (;;) {
      const shard = shards[Number(Atomics.add(state, counters.next, 1n))]
      if (!shard || Atomics.load(state, counters.isCancelled) !== 0n) break
      send({ type: 'written', shard: await writeShard(dataset, shard, out, options, written) })
    }
  } finally {
    await dataset.close()
  }
} catch (thrown) {
  send({ type: 'failed', error: AppError.from(thrown, 'Packing').toReply() })
}
