/** All data sets, kept up to date by pushes. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { DatasetSummary } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'
import { keyed } from './keyed.ts'

export const useDatasetsStore = defineStore('datasets', () => {
  const { all, list, refetch, put, drop } = keyed<DatasetSummary>((a, b) => b.createdAt - a.createdAt)
  const isLoaded = ref(false)

  const load = async (): Promise<void> => {
    if (await refetch(() => workbench().datasets.list({}))) isLoaded.value = true
  }
  const listen = (): void => {
    workbench().datasets.onChanged(put)
    workbench().datasets.onRemoved(({ id }) => drop(id))
  }
  return { all, list, isLoaded, load, listen }
})
