/** Which regions make the score of the chosen hit; asked again when a place of the query is pointed at. */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import type { Gallery, MatchMap } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { workbench } from '../../workbench.ts'
import type { SearchPlace } from './searchPlace.ts'

type Order = Parameters<ReturnType<typeof workbench>['retrieval']['match']>[0]

/** @param isReady whether the gallery can be searched as the place says: its whitening may still be learned */
export function useMatch(
  gallery: ComputedRef<Gallery | null>,
  place: ComputedRef<SearchPlace>,
  isReady: Ref<boolean>,
) {
  const match = shallowRef<MatchMap | null>(null)
  const error = ref('')
  /** A place of the query, row-major; null: all of them. */
  const spot = ref<number | null>(null)
  const order = (): string => {
    const { power, whitening, image, region, hit } = place.value
    if (gallery.value === null || image === null || hit === null || !isReady.value) return ''
    return JSON.stringify({ gallery: gallery.value, power, whitening, image, region, hit })
  }
  const ask = async (): Promise<void> => {
    const [asked, at] = [order(), spot.value]
    if (asked === '') return
    try {
      const found = await workbench().retrieval.match({ ...(JSON.parse(asked) as Order), place: at })
      if (asked === order() && at === spot.value) [match.value, error.value] = [found, '']
    } catch (failure) {
      if (asked === order()) [match.value, error.value] = [null, thrownText(failure)]
    }
  }
  watch(
    order,
    () => {
      spot.value = null
      match.value = null
      error.value = ''
      void ask()
    },
    { immediate: true },
  )
  watch(spot, () => void ask())
  return { match, error, spot, again: () => void ask(), isOpen: computed(() => place.value.hit !== null) }
}
