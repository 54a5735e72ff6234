/**
 * The memory in which batches are made: a few slots of shared memory that loader and decode threads fill and reuse.
 *
 * A thread claims work by adding to a slot's `next`. While a slot is being set up, `next` stands beyond any work, so that
 * a thread that comes late finds nothing to do, whatever the slot holds by then.
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
  /** next claim, number of tasks, epoch */
  readonly state: Int32Array
  /** Sample of each place of the batch, [batchSize]. */
  readonly indices: Int32Array
  /** Copy number of each place, [batchSize]. */
  readonly copies: Int32Array
  /** Places to decode, [batchSize]. */
  readonly tasks: Int32Array
}

/** Fields of `Slot.state`. */
export const stateField = { next: 0, taskCount: 1, epoch: 2 } as const

const stateLength = 4
const beyondAnyTask = 2 ** 30

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
  Atomics.store(slot.state, stateField.next, beyondAnyTask)
  Atomics.store(slot.state, stateField.taskCount, taskCount)
  Atomics.store(slot.state, stateField.epoch, epoch)
  Atomics.store(slot.state, stateField.next, 0)
}

/** Withdraws a slot: nothing can be claimed from now on. */
export function withdraw(slot: Slot): void {
  Atomics.store(slot.state, stateField.next, beyondAnyTask)
}

/** The next tasks of a slot, [from, to): empty when all are taken. */
export function claim(slot: Slot, atMost: number): { readonly from: number; readonly to: number } {
  const from = Atomics.add(slot.state, stateField.next, atMost)
  const taskCount = Atomics.load(slot.state, stateField.taskCount)
  return from < taskCount ? { from, to: Math.min(from + atMost, taskCount) } : { from, to: from }
}
