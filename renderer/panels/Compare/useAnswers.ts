/** Logits and activation maps of all sides for one image, fetched when it is looked at. */
import { computed, shallowRef, watch, type Ref } from 'vue'
import type { ActivationMap, ComparedImage, ImageRef } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { workbench } from '../../workbench.ts'
import type { Side } from './sides.ts'

export interface LogitRow {
  readonly label: number
  readonly name: string
  readonly logits: readonly (number | null)[]
}

export interface MapOf {
  readonly map: ActivationMap | null
  readonly error: string
}

/** Whose map is drawn: the true class, what each takes the image for, or a class by its number. */
export type MapClass = 'truth' | 'said' | number

export function useAnswers(
  item: () => ComparedImage | null,
  judged: () => readonly Side[],
  evaluationIds: () => readonly string[],
  wantsMaps: Ref<boolean>,
  mapClass: Ref<MapClass>,
) {
  const logits = shallowRef<readonly LogitRow[] | null>(null)
  const logitsError = shallowRef('')
  const maps = shallowRef<readonly (MapOf | null)[]>([])
  const index = computed(() => item()?.index ?? null)

  watch(
    [index, () => evaluationIds().join()],
    async ([at]) => {
      logits.value = null
      logitsError.value = ''
      if (at === null) return
      try {
        const found = await workbench().comparisons.logits({ evaluationIds: [...evaluationIds()], index: at })
        if (at === index.value) logits.value = found.classes
      } catch (failure) {
        if (at === index.value) logitsError.value = thrownText(failure)
      }
    },
    { immediate: true },
  )
  watch(
    [index, wantsMaps, mapClass, () => evaluationIds().join()],
    () => {
      const shown = item()
      const sides = judged()
      maps.value = sides.map(() => null)
      if (!wantsMaps.value || !shown) return
      const mine = maps.value
      let made: readonly (MapOf | null)[] = mine
      sides.forEach((side, at) => {
        const label =
          mapClass.value === 'truth' ? shown.label : mapClass.value === 'said' ? null : mapClass.value
        const put = (found: MapOf): void => {
          // Another image or class was asked for meanwhile.
          if (maps.value !== made) return
          made = made.map((each, place) => (place === at ? found : each))
          maps.value = made
        }
        workbench()
          .checkpoints.activationMap({ id: side.checkpoint!.id, image: imageOf(side, shown.index), label })
          .then(
            map => put({ map, error: '' }),
            (failure: unknown) => put({ map: null, error: thrownText(failure) }),
          )
      })
    },
    { immediate: true },
  )
  return { logits, logitsError, maps }
}

function imageOf({ evaluation }: Side, index: number): ImageRef {
  const { datasetId, split } = evaluation.classification!
  return { datasetId, split, index }
}
