/** The points of a gallery's map: embedded if need be, laid out as a job, then fetched. */
import { computed, ref, shallowRef } from 'vue'
import type { Gallery, SearchPower } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { workbench } from '../../workbench.ts'
import { decodedPoints, type MapPoints } from './mapPoints.ts'
import { useJob } from './useJob.ts'

export interface MapOrder {
  readonly gallery: Gallery
  readonly power: SearchPower
  readonly method: 'pca' | 'umap'
}

export function usePoints() {
  const points = shallowRef<MapPoints | null>(null)
  const fetchError = ref('')
  let order: MapOrder | null = null
  const fetchPoints = async (): Promise<void> => {
    const asked = order
    if (!asked) return
    try {
      const sent = await workbench().retrieval.points(asked)
      if (asked === order) points.value = decodedPoints(sent)
    } catch (failure) {
      if (asked === order) fetchError.value = thrownText(failure)
    }
  }
  const layout = useJob(() => void fetchPoints())
  const embedding = useJob(() => lay())
  function lay(): void {
    const asked = order
    if (asked) void layout.start(() => workbench().retrieval.map(asked))
  }
  /** @param embeds whether the gallery may not be embedded yet */
  const make = (next: MapOrder, embeds: boolean): void => {
    clear()
    order = next
    if (embeds) void embedding.start(() => workbench().retrieval.open(next.gallery))
    else lay()
  }
  const clear = (): void => {
    order = null
    points.value = null
    fetchError.value = ''
    layout.forget()
    embedding.forget()
  }
  const current = computed(() => (embedding.isRunning.value ? embedding : layout))
  return {
    points,
    make,
    clear,
    cancel: () => current.value.cancel(),
    isRunning: computed(() => embedding.isRunning.value || layout.isRunning.value),
    isCancelled: computed(() => embedding.isCancelled.value || layout.isCancelled.value),
    progress: computed(() => current.value.progress.value),
    error: computed(() => fetchError.value || embedding.error.value || layout.error.value),
  }
}
