/** What is compared: read from the address, opened by the host, opened again when runs save or evaluations end. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComparedImages, Comparison } from '../../../core/contract/index.ts'
import { useDebounced } from '../../composables/useDebounced.ts'
import { thrownText } from '../../format/errors.ts'
import { refine, route } from '../../route.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'
import { listed, mostRuns, mostSides, sideQuery, sidesOf, type Side } from './sides.ts'

const gatherMs = 150

export type ComparisonView = ReturnType<typeof useComparison>

export function useComparison() {
  const comparison = shallowRef<Comparison | null>(null)
  const error = ref('')
  const isLoading = ref(false)
  const query = computed(() => route.value.query)
  const checkpointIds = computed(() => listed(query.value['checkpoints']).slice(0, mostSides))
  const runIds = computed(() => listed(query.value['runs']).slice(0, mostRuns))
  const isNothing = computed(() => checkpointIds.value.length + runIds.value.length === 0)
  const request = computed(() => ({
    checkpointIds: checkpointIds.value,
    runIds: runIds.value.slice(0, mostSides - checkpointIds.value.length),
    datasetId: query.value['dataset'] || null,
    images: (query.value['images'] || null) as ComparedImages | null,
  }))
  const asked = computed(() => JSON.stringify(request.value))
  /** What `comparison` answers. */
  const answered = shallowRef<readonly string[]>([])

  const load = async (): Promise<void> => {
    const wanted = asked.value
    if (isNothing.value) {
      comparison.value = null
      return
    }
    isLoading.value = true
    const keys = [...request.value.checkpointIds, ...request.value.runIds]
    try {
      const opened = await workbench().comparisons.open(request.value)
      if (wanted !== asked.value) return
      answered.value = keys
      comparison.value = opened
      error.value = ''
    } catch (failure) {
      if (wanted === asked.value) error.value = thrownText(failure)
    } finally {
      if (wanted === asked.value) isLoading.value = false
    }
  }
  const loadSoon = useDebounced(() => void load(), gatherMs)
  watch(asked, () => void load(), { immediate: true })

  const sides = computed<readonly Side[]>(() =>
    comparison.value ? sidesOf(comparison.value, answered.value) : [],
  )
  const present = computed(() => sides.value.filter(side => side.checkpoint !== null))
  /** Those that said something of each image. */
  const judged = computed(() => present.value.filter(side => side.evaluation.hasPredictions))
  const base = computed(
    () => present.value.find(({ key }) => key === query.value['base']) ?? present.value[0] ?? null,
  )
  const against = computed(() => {
    const others = present.value.filter(side => side !== base.value)
    return others.find(({ key }) => key === query.value['against']) ?? others[0] ?? null
  })

  const ends = [
    workbench().evaluations.onChanged(({ runId, status }) => {
      const isOver = status !== 'queued' && status !== 'running'
      if (isOver && sides.value.some(side => side.runId === runId)) loadSoon()
    }),
    workbench().checkpoints.onChanged(({ runId }) => {
      if (sides.value.some(side => side.runId === runId)) loadSoon()
    }),
  ]
  onScopeDispose(() => ends.forEach(end => end()))
  useConnectionStore().onReconnect(() => void load())

  /** Puts other sides into the address. */
  const arrange = (next: readonly Pick<Side, 'key' | 'checkpoint' | 'runId'>[]): void =>
    refine({ ...sideQuery(next), image: '', query: '' })
  const choosePair = (first: string, second: string): void =>
    refine({ base: first, against: second, page: '' })
  const swap = (): void => {
    if (base.value && against.value) choosePair(against.value.key, base.value.key)
  }
  return {
    ...{ comparison, error, isLoading, isNothing, runIds, sides, present, judged, base, against },
    ...{ load, loadSoon, arrange, choosePair, swap },
  }
}
