/**
 * The image that stands open over the grid. It stays the same image while labels and tags change, also where the filter takes it no
 * longer: only the user moves on.
 */
import { computed, shallowRef, watch, type Ref } from 'vue'
import type { DatasetItem } from '../../../core/contract/index.ts'

/** The images that the filter finds. */
export interface FoundImages {
  readonly total: Readonly<Ref<number>>
  readonly at: (place: number) => DatasetItem | undefined
  /** Changes whenever other images came. */
  readonly arrivals: Readonly<Ref<number>>
  /** Whether the list is an older one than was asked for. */
  readonly isChanging: Readonly<Ref<boolean>>
}

export interface OpenImageOptions {
  readonly found: FoundImages
  /** Where in the list it was opened; null: none is open. */
  readonly place: () => number | null
  /** Tells of another place of the same image. */
  readonly move: (place: number) => void
  /** Changes with every label and tag. */
  readonly version: () => string
  /** An image as it is now, whether the filter takes it or not. */
  readonly fetch: (index: number) => Promise<DatasetItem | undefined>
}

/** Places looked at on either side for an image that others gave way to. */
const near = 200

export function useOpenImage({ found, place, move, version, fetch }: OpenImageOptions) {
  const item = shallowRef<DatasetItem | null>(null)
  const isAt = (at: number): boolean => found.at(at)?.index === item.value?.index

  const settle = (): void => {
    const at = place()
    const open = item.value
    if (at === null) item.value = null
    else if (open === null) item.value = found.at(at) ?? null
    else if (isAt(at)) item.value = found.at(at)!
    else if (!found.isChanging.value) {
      for (let step = 1; step <= near; step++)
        for (const other of [at - step, at + step]) if (isAt(other)) return move(other)
    }
  }
  watch(
    place,
    at => {
      if (at === null || !isAt(at)) item.value = null
      settle()
    },
    { immediate: true, flush: 'sync' },
  )
  watch([found.arrivals, found.isChanging], settle, { flush: 'sync' })
  watch(version, async () => {
    const open = item.value
    if (open === null) return
    const fresh = await fetch(open.index).catch(() => undefined)
    if (fresh && item.value?.index === fresh.index) item.value = fresh
  })

  /** Whether the filter takes it, as far as is known. */
  const fits = computed(() => {
    void found.arrivals.value
    const at = place()
    if (at === null || item.value === null || found.isChanging.value) return true
    return isAt(at) || (at < found.total.value && found.at(at) === undefined)
  })
  /** Goes to a place of the list, also to that which the open image has left. */
  const go = (to: number): void => {
    if (to === place()) item.value = found.at(to) ?? null
    else move(to)
  }
  const isOpen = computed(() => place() !== null && (item.value !== null || found.total.value > 0))
  return { item, fits, isOpen, go }
}
