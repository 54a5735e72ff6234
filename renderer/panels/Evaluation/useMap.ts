/** Where in an image a checkpoint sees a class: asked for anew whenever image or class change. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import type { ActivationMap, ImageRef } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { workbench } from '../../workbench.ts'

/** @param label class whose map is wanted; null for the likeliest */
export function useMap(
  checkpointId: () => string,
  image: () => ImageRef | null,
  label: Ref<number | null>,
  isWanted: () => boolean = () => true,
) {
  const map = shallowRef<ActivationMap | null>(null)
  const error = ref('')
  const isBusy = ref(false)
  let asked = 0

  const load = async (): Promise<void> => {
    const own = ++asked
    const shown = image()
    error.value = ''
    if (shown === null || !isWanted()) {
      map.value = null
      isBusy.value = false
      return
    }
    isBusy.value = true
    try {
      const found = await workbench().checkpoints.activationMap({
        ...{ id: checkpointId(), image: shown, label: label.value },
      })
      if (own === asked) map.value = found
    } catch (failure) {
      if (own !== asked) return
      map.value = null
      error.value = thrownText(failure)
    } finally {
      if (own === asked) isBusy.value = false
    }
  }
  watch(
    () => JSON.stringify([checkpointId(), image(), label.value, isWanted()]),
    (_, before) => {
      // Another image: the map before is not of it.
      if (before !== undefined && JSON.parse(before)[1] !== null) {
        const [, old] = JSON.parse(before) as [string, unknown]
        if (JSON.stringify(old) !== JSON.stringify(image())) map.value = null
      }
      void load()
    },
    { immediate: true },
  )
  return { map, error, isBusy, load }
}
