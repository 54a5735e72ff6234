/** One data set in full: its classes and counts, fetched again whenever a push says that it changed. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Dataset } from '../../../core/contract/index.ts'
import { thrownText } from '../../format/errors.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { useDatasetsStore } from '../../stores/datasets.ts'
import { workbench } from '../../workbench.ts'

export function useDataset(id: string) {
  const full = shallowRef<Dataset | null>(null)
  const error = ref('')
  const datasets = useDatasetsStore()
  const summary = computed(() => datasets.all.get(id) ?? full.value)
  let lastStatus = ''

  const load = async (): Promise<void> => {
    try {
      const found = await workbench().datasets.get({ id })
      full.value = found
      // A folder that went away, or came back, is only noticed when someone looks.
      if (found.status !== datasets.all.get(id)?.status) await datasets.load()
      error.value = ''
    } catch (failure) {
      error.value = thrownText(failure)
    }
  }
  const unsubscribe = workbench().datasets.onChanged(changed => {
    if (changed.id !== id || (changed.status === 'scanning' && lastStatus === 'scanning')) return
    lastStatus = changed.status
    void load()
  })
  useConnectionStore().onReconnect(() => void load())
  onScopeDispose(unsubscribe)
  void load()
  return { full, summary, error, load }
}
