/** Settings of the host, and the state of the interface that survives a restart. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Settings } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'

const saveViewAfterMs = 600

export const useSettingsStore = defineStore('settings', () => {
  const settings = ref<Settings>({
    theme: 'system',
    language: 'system',
    concurrentRuns: 1,
    notifications: 'all',
    checkpointBudgetBytes: null,
    backend: 'auto',
    view: {},
  })
  const theme = computed(() => settings.value.theme)
  const language = computed(() => settings.value.language)
  const concurrentRuns = computed(() => settings.value.concurrentRuns)
  let saving: ReturnType<typeof setTimeout> | undefined

  const load = async (): Promise<void> => {
    settings.value = await workbench().settings.get({})
  }
  const set = async (change: Partial<Omit<Settings, 'view'>>): Promise<void> => {
    settings.value = await workbench().settings.set(change)
  }
  /** A remembered choice of the interface, such as `charts.smoothing`. */
  const view = <T>(name: string, fallback: T): T => {
    const stored = settings.value.view[name]
    return stored !== undefined && typeof stored === typeof fallback ? (stored as T) : fallback
  }
  const setView = (name: string, value: unknown): void => {
    settings.value = { ...settings.value, view: { ...settings.value.view, [name]: value } }
    clearTimeout(saving)
    saving = setTimeout(
      () =>
        void workbench()
          .settings.set({ view: settings.value.view })
          .catch(() => {}),
      saveViewAfterMs,
    )
  }
  const listen = (): void => {
    workbench().settings.onChanged(changed => {
      settings.value = { ...changed, view: { ...changed.view, ...settings.value.view } }
    })
  }
  return { settings, theme, language, concurrentRuns, load, set, view, setView, listen }
})
