/** Entry of a decode thread: opens the data set on shared memory, then works on each slot that it is woken for, in turn. */
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../errors/index.ts'
import { openDataset } from './openDataset.ts'
import { itemPreparer } from './prepareItem.ts'
import { openSlots, type Slot } from './ring.ts'
import type { FromThread, ThreadData, ToThread } from './threads.ts'
import { workSlot } from './workSlot.ts'

async function main(): Promise<void> {
  const port = parentPort
  if (!port) throw new Error('decodeThread.ts runs as a worker thread')
  const { options, shared, ring, chunk } = workerData as ThreadData
  const send = (message: FromThread): void => port.postMessage(message)
  const fail = (thrown: unknown): void =>
    send({ type: 'failed', error: AppError.from(thrown, 'Decode thread').toReply() })
  const opened = (async () => {
    const dataset = await openDataset(options.dataset, shared)
    const split = dataset.splits[options.split]
    if (!split)
      throw new AppError('not-found', `This data set has no split '${options.split}'`, {
        split: options.split,
      })
    return itemPreparer(options, split)
  })()
  opened.catch(fail)
  const slots = openSlots(ring)
  let queue: Promise<void> = Promise.resolve()
  const work = async (slot: Slot): Promise<void> => {
    const { done, bad } = await workSlot(slot, await opened, ring.imageBytes, chunk)
    if (done > 0) send({ type: 'worked', slot: slot.number, done, bad })
  }
  port.on('message', (message: ToThread) => {
    if (message.type === 'close') queue = queue.then(() => port.close())
    else queue = queue.then(() => work(slots[message.slot] as Slot)).catch(fail)
  })
}

await main()
