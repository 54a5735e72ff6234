/** What an optimizer measures of the layers in a step, averaged over the parts of the batch and over ranks. */
import * as tf from '@tensorflow/tfjs-core'
import type { LayerSample } from '../graph/index.ts'
import type { Optimizer } from '../optimizers/shared/optimizer.ts'
import type { Collective } from './ports.ts'
import type { SlotTensors } from './slots.ts'

export interface Measurements {
  /** Whether this step measures. */
  readonly isDue: boolean
  add(layer: LayerSample, batchSize: number): void
  /** New slots by parameter, of which the caller takes over the tensors. */
  finish(collective: Collective | null): Promise<Map<string, SlotTensors>>
  /** Frees what was not taken over. */
  dispose(): void
}

export function createMeasurements(
  { curvature }: Optimizer,
  {
    step,
    stepsPerEpoch,
    accumulate = 1,
  }: { readonly step: number; readonly stepsPerEpoch: number; readonly accumulate?: number },
): Measurements {
  const sums = new Map<string, Record<string, tf.Tensor>>()
  const add: Measurements['add'] = (layer, batchSize) => {
    const measured = curvature!.measure(layer, { step, stepsPerEpoch, batchSize })
    const before = sums.get(layer.info.name) ?? {}
    const next: Record<string, tf.Tensor> = {}
    for (const [slot, tensor] of Object.entries(measured)) {
      const share = accumulate === 1 ? tensor : tf.mul(tensor, 1 / accumulate)
      next[slot] = tf.keep(before[slot] ? tf.add(before[slot], share) : tf.clone(share))
    }
    tf.dispose(Object.values(before))
    sums.set(layer.info.name, next)
  }
  const finish: Measurements['finish'] = async collective => {
    if (collective)
      for (const [name, own] of sums) {
        const slots = Object.keys(own)
        // Emptied first: the collective disposes of what it is given.
        sums.set(name, {})
        const means = await collective.mean(slots.map(slot => own[slot]!))
        sums.set(name, Object.fromEntries(slots.map((slot, at) => [slot, means[at]!])))
      }
    const taken = new Map(sums)
    sums.clear()
    return taken
  }
  return {
    isDue: curvature?.isDue(step) ?? false,
    add,
    finish,
    dispose: () => {
      for (const tensors of sums.values()) tf.dispose(Object.values(tensors))
      sums.clear()
    },
  }
}
