/** What the checkpoints of all runs take, asked for again a while after they change. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, shallowRef } from 'vue'
import type { CheckpointUsage } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'
import { useConnectionStore } from './connection.ts'
import { useSettingsStore } from './settings.ts'

const renewAfterMs = 1500

export const useCheckpointUsageStore = defineStore('checkpoint-usage', () => {
  const settings = useSettingsStore()
  const runs = shallowRef<readonly CheckpointUsage[]>([])
  const keptBytes = computed(() => runs.value.reduce((sum, each) => sum + each.sizeBytes, 0))
  const removedBytes = computed(() => runs.value.reduce((sum, each) => sum + each.removedBytes, 0))
  const totalBytes = computed(() => keptBytes.value + removedBytes.value)
  const budgetBytes = computed(() => settings.settings.checkpointBudgetBytes)
  const isOver = computed(() => budgetBytes.value !== null && totalBytes.value > budgetBytes.value)
  let timer: ReturnType<typeof setTimeout> | undefined

  const load = async (): Promise<void> => {
    timer = undefined
    runs.value = await workbench()
      .checkpoints.usage({})
      .catch(() => runs.value)
  }
  /** To be called by what shows it. */
  const use = (): void => {
    const later = (): void => void (timer ??= setTimeout(() => void load(), renewAfterMs))
    const ends = [workbench().checkpoints.onChanged(later), workbench().runs.onRemoved(later)]
    onScopeDispose(() => ends.forEach(end => end()))
    useConnectionStore().onReconnect(later)
    void load()
  }
  return { runs, keptBytes, removedBytes, totalBytes, budgetBytes, isOver, use }
})
