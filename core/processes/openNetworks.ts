/** Networks that a worker keeps between tasks, so that the next image is answered at once. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../backend/index.ts'
import { openNetwork, type Network } from '../evaluation/network.ts'

/** Those of a comparison side by side. */
const mostKept = 3

interface Kept {
  readonly network: Network
  readonly backend: string
}

/** The least recently used first. */
const kept = new Map<string, Promise<Kept>>()

/**
 * The network of a checkpoint, opened now or earlier, on the backend that it was opened on. It stays the worker's: do not dispose
 * of it, and let no other network run until its answer is there.
 * @throws AppError of opening it, such as checkpoint-damaged.
 */
export async function keptNetwork(checkpointPath: string): Promise<Network> {
  const key = await keyOf(checkpointPath)
  const opened = kept.get(key) ?? opening(checkpointPath)
  kept.delete(key)
  kept.set(key, opened)
  try {
    const { network, backend } = await opened
    await giveUpSurplus()
    if (tf.getBackend() !== backend) await tf.setBackend(backend)
    return network
  } catch (thrown) {
    kept.delete(key)
    throw thrown
  }
}

async function opening(path: string): Promise<Kept> {
  const network = await openNetwork(path, { startBackend })
  return { network, backend: tf.getBackend() }
}

/** A checkpoint of that name may be another one by now; its manifest is written last. */
async function keyOf(path: string): Promise<string> {
  const written = await stat(join(path, 'manifest.json')).catch(() => null)
  return `${path} ${written?.mtimeMs} ${written?.size}`
}

async function giveUpSurplus(): Promise<void> {
  while (kept.size > mostKept) {
    const [key, oldest] = kept.entries().next().value!
    kept.delete(key)
    const { network, backend } = await oldest
    const before = tf.getBackend()
    if (before !== backend) await tf.setBackend(backend)
    network.dispose()
    if (before !== backend) await tf.setBackend(before)
  }
}
