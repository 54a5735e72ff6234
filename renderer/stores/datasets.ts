/** All data sets, kept up to date by pushes. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { DatasetSummary } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'
import { keyed } from './keyed.ts'

export const useDatasetsStore = defineStore('datasets', () => {
  const { all, list, moment, replace, put, drop } = keyed<DatasetSummary>((a, b) => b.createdAt - a.createdAt)
  const isLoaded = ref(false)

  let asked = 0
  const load = async (): Promise<void> => {
    const own = ++asked
    const fetchedAt = moment()
    const found = await workbench().datasets.list({})
    // An answer that a later one has overtaken would show what is no longer so.
    if (own !== asked) return
    replace(found, fetchedAt)
    isLoaded.value = true
  }
  const listen = (): void => {
    workbench().datasets.onChanged(put)
    workbench().datasets.onRemoved(({ id }) => drop(id))
  }
  return { all, list, isLoaded, load, listen }
})
