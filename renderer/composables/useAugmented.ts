/** Pictures of one image as training would draw it, drawn anew whenever the configuration or the image changes. */
import { ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import type { AugmentedImages, SplitName } from '../../core/contract/index.ts'
import { thrownText } from '../format/errors.ts'
import { workbench } from '../workbench.ts'
import { useDebounced } from './useDebounced.ts'

export interface AugmentedWish {
  readonly datasetId: string
  readonly split: SplitName
  readonly index: number
  readonly config: Readonly<Record<string, unknown>>
  /** First epoch, counted from 0. */
  readonly epoch: number
  readonly count: number
}

/** A form that is typed into changes the configuration with every key. */
const pauseMs = 200

/** @param wished null while there is nothing to draw */
export function useAugmented(wished: MaybeRefOrGetter<AugmentedWish | null>) {
  const drawn = shallowRef<AugmentedImages | null>(null)
  const error = ref('')
  const isDrawing = ref(false)
  let newest = 0

  const draw = useDebounced(async (wish: AugmentedWish | null) => {
    const own = ++newest
    if (!wish) {
      drawn.value = null
      return
    }
    isDrawing.value = true
    try {
      const pictures = await workbench().datasets.augmented({ ...wish, config: { ...wish.config } })
      if (own !== newest) return
      drawn.value = pictures
      error.value = ''
    } catch (failure) {
      if (own !== newest) return
      drawn.value = null
      error.value = thrownText(failure)
    } finally {
      if (own === newest) isDrawing.value = false
    }
  }, pauseMs)
  watch(
    () => JSON.stringify(toValue(wished)),
    () => draw(toValue(wished)),
    { immediate: true },
  )
  return { drawn, error, isDrawing, again: () => draw(toValue(wished)) }
}
