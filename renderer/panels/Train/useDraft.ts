/** The run that is being prepared. It stays while one looks at other pages. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Config } from './paths.ts'

interface Kept {
  readonly config: Config | null
  readonly base: Config
  readonly baseName: string
}

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
  /** Everything that `begin` replaces, to be brought back. */
  const keep = (): Kept => ({ config: config.value, base: base.value, baseName: baseName.value })
  const bringBack = (kept: Kept): void => {
    config.value = kept.config
    base.value = kept.base
    baseName.value = kept.baseName
  }
  return { keep, bringBack, config, base, baseName, datasetId, name, begin }
})
