/** The gallery: whether it is embedded, and the jobs that embed and whiten it. */
import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue'
import type { Gallery, GalleryState, SearchPower } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import { useJob } from './useJob.ts'

export function useGallery(gallery: ComputedRef<Gallery | null>) {
  const state = shallowRef<GalleryState | null>(null)
  const error = ref('')
  const load = async (): Promise<void> => {
    const asked = gallery.value
    if (asked === null) return void (state.value = null)
    try {
      const found = await workbench().retrieval.state(asked)
      if (asked === gallery.value) [state.value, error.value] = [found, '']
    } catch (failure) {
      if (asked === gallery.value) [state.value, error.value] = [null, thrownText(failure)]
    }
  }
  const embedding = useJob(() => void load())
  const whitening = useJob(() => void load())
  watch(
    gallery,
    () => {
      embedding.forget()
      whitening.forget()
      state.value = null
      void load()
    },
    { immediate: true },
  )
  useConnectionStore().onReconnect(() => void load())
  const embed = (): void => {
    const asked = gallery.value
    if (asked) void embedding.start(() => workbench().retrieval.open(asked))
  }
  const whiten = (power: SearchPower): void => {
    const asked = gallery.value
    if (asked) void whitening.start(() => workbench().retrieval.whiten({ gallery: asked, power }))
  }
  return {
    state,
    error,
    load,
    embedding,
    whitening,
    embed,
    whiten,
    isReady: computed(() => state.value?.isReady === true),
  }
}

export type GalleryControls = ReturnType<typeof useGallery>
