/**
 * The memory in which batches are made: a few slots of shared memory that loader and decode threads fill and reuse.
 *
 * Work is claimed by subtracting from a slot's `left`, the one number that says what is still to be had. At zero or below a
 * slot is the loader's alone; setting `left` hands it to the threads, whichever of them look first, and however late
 * one comes that was woken for an earlier batch.
 */
import type { LoaderOptions } from './types.ts'

/** Plain data that travels to the threads. */
export interface RingMemory {
  readonly batchSize: number
  readonly imageBytes: number
  readonly images: readonly SharedArrayBuffer[]
  readonly control: readonly SharedArrayBuffer[]
}

/** One slot as views on its memory; loader and threads each make their own. */
export interface Slot {
  readonly number: number
  /** uint8 [batchSize, height, width, channels] */
  readonly images: Uint8Array
  /** tasks left to claim, epoch */
  readonly state: Int32Array
  /** Sample of each place of the batch, [batchSize]. */
  readonly indices: Int32Array
  /** Copy number of each place, [batchSize]. */
  readonly copies: Int32Array
  /** Places to decode, [batchSize]. */
  readonly tasks: Int32Array
}

/** Fields of `Slot.state`. */
export const stateField = { left: 0, epoch: 1 } as const

const stateLength = 4

/** Memory for `slots` batches. */
export function allocateRing(options: LoaderOptions, slots: number): RingMemory {
  const { batchSize, height, width, channels } = options
  const imageBytes = height * width * channels
  const buffers = (bytes: number) => Array.from({ length: slots }, () => new SharedArrayBuffer(bytes))
  return {
    batchSize,
    imageBytes,
    images: buffers(batchSize * imageBytes),
    control: buffers((stateLength + 3 * batchSize) * Int32Array.BYTES_PER_ELEMENT),
  }
}

export function openSlots(ring: RingMemory): Slot[] {
  return ring.images.map((images, number) => {
    const control = ring.control[number] as SharedArrayBuffer
    const field = (at: number) =>
      new Int32Array(control, (stateLength + at * ring.batchSize) * 4, ring.batchSize)
    return {
      number,
      images: new Uint8Array(images),
      state: new Int32Array(control, 0, stateLength),
      indices: field(0),
      copies: field(1),
      tasks: field(2),
    }
  })
}

/** Makes the first `taskCount` tasks of a slot claimable; its other fields must have been written. */
export function release(slot: Slot, taskCount: number, epoch: number): void {
  slot.state[stateField.epoch] = epoch
  Atomics.store(slot.state, stateField.left, taskCount)
}

/** Claims the last tasks that are left, [from, to): empty when all are taken. */
export function claim(slot: Slot, atMost: number): { readonly from: number; readonly to: number } {
  const to = Math.max(Atomics.sub(slot.state, stateField.left, atMost), 0)
  return { from: Math.max(to - atMost, 0), to }
}
