/** What can be trained: the registries' entries, the presets and the schema of a configuration. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { Catalog, EntryInfo } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'

export const useCatalogStore = defineStore('catalog', () => {
  const catalog = shallowRef<Catalog | null>(null)

  const load = async (): Promise<void> => {
    catalog.value = await workbench().catalog.list({})
  }
  const entries = (family: string): readonly EntryInfo[] => catalog.value?.families[family] ?? []
  return { catalog, load, entries }
})
