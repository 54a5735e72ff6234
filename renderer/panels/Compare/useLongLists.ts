/**
 * Longer ranked lists than an evaluation keeps: both checkpoints search the gallery itself, once it is embedded. Embedding is asked for by
 * a press, as it may take long.
 */
import { computed, onScopeDispose, ref, shallowReactive, shallowRef, watch } from 'vue'
import type { ComparedQuery, Job } from '../../../core/contract/index.ts'
import { errorText, thrownText } from '../../format/errors.ts'
import { jobNow } from '../../composables/jobNow.ts'
import { workbench } from '../../workbench.ts'
import type { Side } from './sides.ts'

/** Hits of each list that are fetched, so that a place beyond those on show is known too. */
const depth = 200

type Hit = ComparedQuery['top'][0][number]
type Both<T> = readonly [T, T]

export function useLongLists(
  sides: () => Both<Side>,
  query: () => ComparedQuery,
  /** The images that were judged are a part of a split, which no gallery is. */
  isPart: () => boolean,
) {
  const isReady = ref<boolean | null>(null)
  const lists = shallowRef<Both<readonly Hit[]> | null>(null)
  const error = ref('')
  const jobs = shallowReactive(new Map<string, Job | null>())
  const galleries = computed(() => {
    if (isPart()) return null
    const made = sides().map(({ checkpoint, evaluation: { retrieval } }) => {
      if (!checkpoint || !retrieval) return null
      const { datasetId, split, settings } = retrieval
      return {
        checkpointId: checkpoint.id,
        datasetId,
        split: split === 'query' ? ('gallery' as const) : (settings.gallery ?? split),
      }
    })
    return made[0] && made[1] ? ([made[0], made[1]] as const) : null
  })
  const image = computed(() => {
    const { index } = query()
    const judged = sides()[0].evaluation.retrieval
    return index === null || !judged ? null : { datasetId: judged.datasetId, split: judged.split, index }
  })

  const galleryKey = computed(() => JSON.stringify(galleries.value))

  const look = async (): Promise<void> => {
    const both = galleries.value
    const wanted = galleryKey.value
    isReady.value = null
    if (!both) return
    try {
      const states = await Promise.all(both.map(gallery => workbench().retrieval.state(gallery)))
      if (wanted === galleryKey.value) isReady.value = states.every(state => state.isReady)
    } catch {
      // What the evaluation kept is there all the same.
      if (wanted === galleryKey.value) isReady.value = false
    }
  }
  watch(galleryKey, () => void look(), { immediate: true })

  const asked = computed(() =>
    JSON.stringify([isReady.value, galleryKey.value, image.value, query().difficulty]),
  )
  watch(
    asked,
    async wanted => {
      lists.value = null
      error.value = ''
      const [both, shown] = [galleries.value, image.value]
      if (isReady.value !== true || !both || !shown) return
      const input = { image: shown, difficulty: query().difficulty, limit: depth }
      try {
        const found = await Promise.all(
          both.map(gallery => workbench().retrieval.query({ gallery, ...input })),
        )
        if (wanted !== asked.value) return
        const [one, other] = found.map(({ hits }) =>
          hits
            .filter(({ mark }) => mark !== 'junk')
            .map(({ name, score, mark, thumbnailUrl }): Hit => {
              return { name, score, isRelevant: mark === 'right', thumbnailUrl }
            }),
        )
        lists.value = [one!, other!]
      } catch (failure) {
        if (wanted === asked.value) error.value = thrownText(failure)
      }
    },
    { immediate: true },
  )

  const going = computed(() => [...jobs.values()].flatMap(job => (job?.status === 'running' ? [job] : [])))
  const isEmbedding = computed(() => [...jobs.values()].some(job => job === null) || going.value.length > 0)
  const progress = computed(() => ({
    done: going.value.reduce((sum, job) => sum + (job.progress?.done ?? 0), 0),
    total: going.value.reduce((sum, job) => sum + (job.progress?.total ?? 0), 0),
  }))
  const take = (job: Job): void => {
    if (!jobs.has(job.id)) return
    jobs.set(job.id, job)
    if (job.status === 'failed' && job.error) error.value = errorText(job.error)
    if (job.status === 'running' || isEmbedding.value) return
    jobs.clear()
    void look()
  }
  onScopeDispose(workbench().jobs.onChanged(take))
  const embed = async (): Promise<void> => {
    const both = galleries.value
    if (!both || isEmbedding.value) return
    error.value = ''
    try {
      const started = await Promise.all(both.map(gallery => workbench().retrieval.open(gallery)))
      for (const { id } of started) jobs.set(id, null)
      for (const { id } of started) take(await jobNow(id))
    } catch (failure) {
      error.value = thrownText(failure)
    }
  }
  const cancel = (): void => {
    for (const id of jobs.keys())
      void workbench()
        .jobs.cancel({ id })
        .catch(() => {})
  }
  return { isReady, lists, error, isEmbedding, progress, embed, cancel }
}
