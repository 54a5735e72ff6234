/** The hit whose match is shown. What is known of it stays when another ranking puts it on another page; only its rank is new then. */
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { SearchHit, SearchResult } from '../../../core/contract/index.ts'
import type { SearchPlace } from './searchPlace.ts'

export function useOpenHit(result: Ref<SearchResult | null>, place: ComputedRef<SearchPlace>) {
  const known = shallowRef<SearchHit | null>(null)
  /** What an image is right or wrong for. */
  const subject = computed(() => {
    const { checkpointId, datasetId, split, image, difficulty } = place.value
    return JSON.stringify([checkpointId, datasetId, split, image, difficulty])
  })
  const onPage = computed(() => result.value?.hits.find(({ index }) => index === place.value.hit) ?? null)
  watch(subject, () => (known.value = null), { flush: 'sync' })
  watch(
    [onPage, () => place.value.hit],
    ([found, index]) => {
      if (found) known.value = found
      else if (known.value) known.value = known.value.index === index ? { ...known.value, rank: null } : null
    },
    { immediate: true, flush: 'sync' },
  )
  return { onPage, hit: computed(() => onPage.value ?? known.value) }
}
