/** The images that a filter chooses, page by page. A new filter, or an edit, replaces the old ones when the new have arrived. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { DatasetItem, ImageFilter, SplitName } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { workbench } from '../../workbench.ts'
import { wholeSplit } from './imageFilter.ts'
import { pages, type Pages } from './imagePages.ts'

export interface WantedImages {
  readonly id: string
  readonly split: SplitName
  readonly filter: ImageFilter
  /** Changes with every label and tag. */
  readonly version: string
}

interface Held {
  readonly key: string
  readonly cache: Pages<DatasetItem>
  /** Null until the first page is here. */
  total: number | null
}

/** Images asked for above and below those in sight, so that scrolling finds them there. */
const ahead = 120

/** @param known images of the split where the filter takes all; null: not known yet */
export function useImages(wanted: () => WantedImages, known: () => number | null) {
  const error = ref('')
  const arrivals = ref(0)
  const shown = shallowRef<Held>(begin(wanted()))
  const next = shallowRef<Held | null>(null)
  let range = { first: 0, end: 60 }

  function begin(images: WantedImages): Held {
    const held: Held = {
      key: JSON.stringify(images),
      total: null,
      cache: pages<DatasetItem>(
        async (offset, limit) => {
          const { id, split, filter } = images
          const page = await workbench().datasets.browse({ ...filter, id, split, offset, limit })
          held.total = page.total
          return page.items
        },
        () => arrived(held),
        reason => {
          if (held === shown.value || held === next.value) error.value = thrownText(reason)
        },
      ),
    }
    return held
  }
  function arrived(held: Held): void {
    if (held === next.value) {
      shown.value = held
      next.value = null
    }
    if (held !== shown.value) return
    error.value = ''
    arrivals.value++
  }
  watch(
    () => JSON.stringify(wanted()),
    key => {
      if (key === shown.value.key) {
        next.value = null
        return
      }
      next.value = begin(wanted())
      next.value.cache.want(range.first, Math.max(range.first + 1, range.end))
      // Fewer may be left than were scrolled past: the first page says how many.
      if (range.first > 0) next.value.cache.want(0, 1)
    },
  )
  const total = computed(() => {
    void arrivals.value
    return shown.value.total ?? known() ?? 0
  })
  const at = (place: number): DatasetItem | undefined => {
    void arrivals.value
    return shown.value.cache.at(place)
  }
  const want = (first: number, end: number): void => {
    range = { first, end }
    shown.value.cache.want(Math.max(0, first - ahead), Math.min(end + ahead, Math.max(total.value, 1)))
  }
  const isKnown = computed(() => {
    void arrivals.value
    return shown.value.total !== null || known() !== null
  })
  return { total, at, want, error, isKnown, isChanging: computed(() => next.value !== null), arrivals }
}

/** One image as it is now, whatever filter stands. */
export async function imageOf(id: string, split: SplitName, index: number): Promise<DatasetItem | undefined> {
  const only = { ...wholeSplit, id, split, offset: index, limit: 1 }
  return (await workbench().datasets.browse(only)).items[0]
}
