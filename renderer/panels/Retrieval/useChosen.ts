/** Checkpoint and data set of the address; where it names none, those that a user most likely means. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ComparedCheckpoint, Dataset, SplitName } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { refine } from '../../route.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { workbench } from '../../workbench.ts'
import { useSearchPlace } from './useSearchPlace.ts'

/** The first that a data set has is taken: what a network has not learned from. */
const likely: readonly SplitName[] = ['gallery', 'val', 'test', 'train']

export function useChosen() {
  const { place } = useSearchPlace()
  const datasets = useDatasetsStore()
  const checkpoint = shallowRef<ComparedCheckpoint | null>(null)
  const dataset = shallowRef<Dataset | null>(null)
  const error = ref('')
  const isLooked = ref(false)
  const loadCheckpoint = async (): Promise<void> => {
    const wanted = place.value.checkpointId
    try {
      const found =
        wanted === ''
          ? await firstCandidate()
          : ((await workbench().comparisons.open({ checkpointIds: [wanted] })).sides[0]?.checkpoint ?? null)
      if (wanted !== place.value.checkpointId) return
      checkpoint.value = found
      error.value = ''
      if (found && wanted === '') refine({ checkpoint: found.id })
    } catch (failure) {
      error.value = thrownText(failure)
    } finally {
      isLooked.value = true
    }
  }
  watch(
    () => place.value.checkpointId,
    () => void loadCheckpoint(),
    { immediate: true },
  )
  watch(
    [checkpoint, () => place.value.datasetId, () => place.value.split, () => datasets.list],
    () => {
      const found = checkpoint.value
      if (!found) return
      const { datasetId, split } = place.value
      const wanted = datasetId === '' ? found.datasetId : datasetId
      const known = datasets.all.get(wanted)
      if (!known) return
      const has = (name: SplitName): boolean => known.splits.some(each => each.name === name)
      const chosen = split !== '' && has(split) ? split : (likely.find(has) ?? known.splits[0]?.name)
      if (wanted !== datasetId || chosen !== split) refine({ dataset: wanted, split: chosen ?? '' })
    },
    { immediate: true },
  )
  watch(
    () => place.value.datasetId,
    async id => {
      dataset.value = null
      if (id === '') return
      const found = await workbench()
        .datasets.get({ id })
        .catch(() => null)
      if (id === place.value.datasetId) dataset.value = found
    },
    { immediate: true },
  )
  onScopeDispose(
    workbench().checkpoints.onChanged(({ runId }) => {
      if (checkpoint.value === null || runId === checkpoint.value.runId) void loadCheckpoint()
    }),
  )
  return { checkpoint, dataset, error, isLooked, className: computed(() => namesOf(dataset.value)) }
}

function namesOf(dataset: Dataset | null): (label: number) => string {
  return label => dataset?.classes[label] ?? ''
}

/** The newest that is the best of its run. */
async function firstCandidate(): Promise<ComparedCheckpoint | null> {
  const { items } = await workbench().comparisons.checkpoints({ limit: 30 })
  const valid = items.filter(({ status }) => status === 'valid')
  return valid.find(({ isBest }) => isBest) ?? valid[0] ?? null
}
