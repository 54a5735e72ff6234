/** The place of the search, from the address and back to it. */
import { computed } from 'vue'
import { refine, route } from '../../route.ts'
import { galleryOf, readPlace } from './searchPlace.ts'

/** A place as a value: equal ones are the same, so that nothing is asked twice. */
export function useSearchPlace() {
  const place = computed(() => readPlace(route.value.query))
  const galleryText = computed(() => JSON.stringify(galleryOf(place.value)))
  const gallery = computed(() => JSON.parse(galleryText.value) as ReturnType<typeof galleryOf>)
  return { place, gallery, refine }
}
