/** Does what can be claimed of a slot; the same code in a decode thread and in the loader's own. */
import type { PrepareItem } from './prepareItem.ts'
import { claim, stateField, type Slot } from './ring.ts'

/** A place of the batch whose image is bad. */
export interface BadPlace {
  readonly place: number
  readonly problem: string
}

export interface SlotWork {
  readonly done: number
  readonly bad: readonly BadPlace[]
}

/** @param chunk tasks claimed at once: more for cheap items */
export async function workSlot(
  slot: Slot,
  prepare: PrepareItem,
  imageBytes: number,
  chunk: number,
): Promise<SlotWork> {
  const bad: BadPlace[] = []
  let done = 0
  for (;;) {
    const { from, to } = claim(slot, chunk)
    if (from === to) return { done, bad }
    const epoch = slot.state[stateField.epoch] as number
    for (let task = from; task < to; task++) {
      const place = slot.tasks[task] as number
      const target = slot.images.subarray(place * imageBytes, (place + 1) * imageBytes)
      const item = { index: slot.indices[place] as number, epoch, copy: slot.copies[place] as number }
      const problem = await prepare(item, target)
      if (problem !== null) bad.push({ place, problem })
    }
    done += to - from
  }
}
