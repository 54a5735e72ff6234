/** The ranked list for the query in the address: asked again whenever something changes, the last answer staying until the next is there. */
import { ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { Gallery, SearchResult } from '../../../core/contract/index.ts'
import { useDebounced } from '../../composables/useDebounced.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import type { SearchPlace } from './searchPlace.ts'

export const hitsPerPage = 60
/** A slider that is drawn asks no more often. */
const pauseMs = 40

export function useResult(
  gallery: ComputedRef<Gallery | null>,
  place: ComputedRef<SearchPlace>,
  isReady: Ref<boolean>,
) {
  const result = shallowRef<SearchResult | null>(null)
  const error = ref('')
  const isBusy = ref(false)
  const order = (): string => {
    const { power, whitening, image, region, difficulty, offset } = place.value
    if (gallery.value === null || image === null || !isReady.value) return ''
    const query = { gallery: gallery.value, power, whitening, image, region, difficulty }
    return JSON.stringify({ ...query, offset, limit: hitsPerPage })
  }
  const ask = async (): Promise<void> => {
    const asked = order()
    if (asked === '') return
    isBusy.value = true
    try {
      const found = await workbench().retrieval.query(JSON.parse(asked) as never)
      if (asked === order()) [result.value, error.value] = [found, '']
    } catch (failure) {
      if (asked === order()) [result.value, error.value] = [null, thrownText(failure)]
    } finally {
      if (asked === order()) isBusy.value = false
    }
  }
  const askSoon = useDebounced(() => void ask(), pauseMs)
  let before = ''
  watch(
    [order, () => JSON.stringify([place.value.image, gallery.value])],
    ([next]) => {
      // What belongs to another query or gallery is not shown as if it were this one's.
      // While a whitening is learned, the list before it stays.
      const { checkpointId, datasetId, split, image } = place.value
      const subject = image === null ? '' : JSON.stringify([checkpointId, datasetId, split, image])
      if (subject !== before) result.value = null
      error.value = ''
      before = subject
      isBusy.value = next !== ''
      if (next !== '') askSoon()
    },
    { immediate: true },
  )
  useConnectionStore().onReconnect(() => void ask())
  return { result, error, isBusy, again: () => void ask() }
}
