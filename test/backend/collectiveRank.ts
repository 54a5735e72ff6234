/**
 * One real rank for collective.test.ts: `collectiveRank.ts RANK WORLD MEETING`. Does what all ranks do, and prints what came of it as
 * one line of JSON.
 */
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import type { TorchBackend } from '../../core/backend/torch/backend.ts'
import { joinRanks, type TorchCollective } from '../../core/backend/torch/ranks/collective.ts'
import { createBuckets } from '../../core/training/gradientBuckets.ts'
import { gradientsOf, images, labels, network } from './collectiveTask.ts'

const [rank, world] = process.argv.slice(2, 4).map(Number) as [number, number]
const meeting = { kind: 'file', path: process.argv[4]! } as const

await startBackend('torch')
const place = { rank, world, localWorld: world, meeting, rendezvousMs: 30_000, collectiveMs: 30_000 }
const collective = await joinRanks(place, () => {})
console.log(JSON.stringify({ ...(await calls(collective)), ...(await gradients(collective)) }))
await collective.barrier()
process.exit(0)

async function calls(all: TorchCollective): Promise<Record<string, unknown>> {
  const { addon } = tf.backend() as TorchBackend
  const before = [tf.memory().numTensors, addon.count()]
  const means = await all.mean([tf.fill([3, 5], rank), tf.tensor1d([rank, 1, -rank]), tf.scalar(2 ** rank)])
  const mean = means.map(tensor => [tensor.shape, [...tensor.dataSync()]])
  tf.dispose(means)
  const own = tf.tensor2d([[rank, 10 * rank]])
  const copy = await all.broadcast(own)
  const broadcast = [copy.shape, [...copy.dataSync()], [...own.dataSync()]]
  tf.dispose([own, copy])
  const whole = tf.tensor1d([rank + 7], 'int32')
  const counted = await all.broadcast(whole)
  const integers = [counted.dtype, [...counted.dataSync()]]
  tf.dispose([whole, counted])
  const sum = await all.sum([rank, 2 ** -40, 1e15])
  const shared = [await all.share(rank === 0 ? 'first ✓' : null), await all.share(rank === 0 ? '' : null)]
  const nccl = await missingTransport(all)
  const left = [tf.memory().numTensors - before[0]!, addon.count() - before[1]!]
  return { mean, broadcast, integers, sum, shared, nccl, left, transport: all.transport }
}

/** The largest difference between this rank's averaged gradients and those of the whole batch in one process. */
async function gradients(all: TorchCollective): Promise<Record<string, unknown>> {
  return { ...(await farthest(all, false)), synchronised: await farthest(all, true) }
}

/** @param isSynchronised batch norm in training mode, with the statistics of all ranks; else with constants */
async function farthest(
  all: TorchCollective,
  isSynchronised: boolean,
): Promise<{ readonly parameters: number; readonly difference: number; readonly largest: number }> {
  const whole = await gradientsOf(network(), images(), labels(), null, !isSynchronised)
  const executor = network(isSynchronised ? all : undefined)
  const size = labels().length / world
  const part = tf.tidy(() => tf.slice(images(), [rank * size, 0, 0, 0], [size, -1, -1, -1]) as tf.Tensor4D)
  const own = labels().slice(rank * size, (rank + 1) * size)
  const averaged = await gradientsOf(executor, part, own, createBuckets(all), !isSynchronised)
  let difference = 0
  let largest = 0
  for (const [name, values] of whole)
    for (const [at, value] of values.entries()) {
      difference = Math.max(difference, Math.abs(value - averaged.get(name)![at]!))
      largest = Math.max(largest, Math.abs(value))
    }
  return { parameters: averaged.size, difference, largest }
}

/** What a libtorch without NCCL says. */
async function missingTransport(all: TorchCollective): Promise<string> {
  const { addon } = tf.backend() as TorchBackend
  if (addon.version().cuda) return 'this libtorch has CUDA'
  const store = addon.storeFile(`${process.argv[4]!}-nccl`, world)
  const said = await addon.groupOpen(store, 'nccl', rank, world, '127.0.0.1', 1000).then(
    () => 'opened',
    (thrown: Error & { code?: string }) => `${thrown.code}: ${thrown.message}`,
  )
  addon.storeClose(store)
  await all.barrier()
  return said
}
