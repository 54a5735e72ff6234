/** Speaks the language of the settings, and tells the page so that screen readers and hyphenation know. */
import { watchEffect } from 'vue'
import { language, speak } from '../language/index.ts'
import { useSettingsStore } from '../stores/settings.ts'

export function useLanguage(): void {
  const settings = useSettingsStore()
  watchEffect(() => void speak(settings.language, navigator.languages))
  watchEffect(() => (document.documentElement.lang = language.value))
}
