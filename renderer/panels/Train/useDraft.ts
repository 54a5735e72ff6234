/** The run that is being prepared. It stays while one looks at other pages. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Config } from './paths.ts'

export const useDraft = defineStore('draft', () => {
  const config = shallowRef<Config | null>(null)
  /** What `reset` goes back to: the preset, or the cloned run's configuration. */
  const base = shallowRef<Config>({})
  const baseName = ref('')
  const datasetId = ref('')
  const name = ref('')

  const begin = (from: Config, label: string): void => {
    config.value = structuredClone(from)
    base.value = from
    baseName.value = label
  }
  return { config, base, baseName, datasetId, name, begin }
})
