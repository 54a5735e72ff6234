/** The five steps from nothing to a network that was trained, judged, compared and searched with, and which of them are done. */
import { computed, onScopeDispose, ref, watch } from 'vue'
import type { Evaluation } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { t } from '../../language/index.ts'
import { go } from '../../route.ts'
import { useCatalogStore } from '../../stores/catalog.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { useSettingsStore } from '../../stores/settings.ts'
import { workbench } from '../../workbench.ts'

export function useGuide() {
  const datasets = useDatasetsStore()
  const runs = useRunsStore()
  const catalog = useCatalogStore()
  const { isBusy, run: act } = useAction()
  const settings = useSettingsStore()
  const evaluations = ref<readonly Evaluation[]>([])

  const dataset = computed(
    () => datasets.list.find(each => each.isSample) ?? datasets.list.find(each => each.status === 'ready'),
  )
  const isDataReady = computed(() => datasets.list.some(each => each.status === 'ready'))
  const preset = computed(() => catalog.catalog?.presets.find(each => each.name === 'sample'))
  const oldestFirst = computed(() => [...runs.list].sort((a, b) => a.createdAt - b.createdAt))
  /** Runs with something to look at. */
  const trained = computed(() => oldestFirst.value.filter(each => each.status === 'finished'))
  const underWay = computed(() => runs.active[0] ?? runs.queue[0] ?? null)
  const first = computed(() => trained.value[0] ?? null)
  const second = computed(() => trained.value[1] ?? null)
  const evaluation = computed(
    () => evaluations.value.find(each => each.status === 'finished') ?? evaluations.value[0],
  )

  /** Remembered once two were looked at side by side; see Compare.vue. */
  const isCompared = computed(() => settings.view('guide.compared', false))

  const judge = async (): Promise<void> => {
    const runId = first.value?.id
    if (runId !== undefined) evaluations.value = await workbench().evaluations.list({ runId })
  }
  watch(() => first.value?.id, judge, { immediate: true })
  onScopeDispose(
    workbench().evaluations.onChanged(({ runId, status }) => {
      if (runId === first.value?.id && status !== 'running') void judge()
    }),
  )
  const train = (name: string, changes: Record<string, unknown>) =>
    act(async () => {
      if (!preset.value || !dataset.value) return
      const config = structuredClone(
        JSON.parse(JSON.stringify(preset.value.config)) as Record<string, unknown>,
      )
      for (const [section, values] of Object.entries(changes)) {
        config[section] = { ...(config[section] as object), ...(values as object) }
      }
      const { id } = await workbench().runs.create({ config, datasetId: dataset.value.id, name })
      go({ page: 'run', id })
    })
  const trainSample = () => train(t('Digits, my first run'), {})
  const trainAnother = () => train(t('Digits, half as long'), { training: { epochs: 2, seed: 2 } })
  const evaluate = () =>
    act(async () => {
      if (!first.value) return
      const checkpoints = await workbench().checkpoints.list({ runId: first.value.id })
      const best = checkpoints.find(each => each.isBest) ?? checkpoints[0]
      if (!best) return
      const { id } = await workbench().evaluations.start({ checkpointId: best.id })
      go({ page: 'evaluation', id })
    })
  return {
    ...{ dataset, isDataReady, preset, trained, underWay, first, second, evaluation, isCompared },
    ...{ isBusy, trainSample, trainAnother, evaluate },
  }
}
