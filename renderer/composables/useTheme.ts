/** Puts the chosen theme on the page and says whether it is dark now. */
import { computed, ref, watchEffect, type ComputedRef } from 'vue'
import { useSettingsStore } from '../stores/settings.ts'

const systemIsDark = ref(false)
let isFollowing = false

export function useTheme(): { readonly isDark: ComputedRef<boolean> } {
  const settings = useSettingsStore()
  const isDark = computed(() =>
    settings.theme === 'system' ? systemIsDark.value : settings.theme === 'dark',
  )
  if (!isFollowing) {
    isFollowing = true
    const query = window.matchMedia('(prefers-color-scheme: dark)')
    systemIsDark.value = query.matches
    query.addEventListener('change', event => (systemIsDark.value = event.matches))
    watchEffect(() => (document.documentElement.dataset.theme = settings.theme))
  }
  return { isDark }
}
