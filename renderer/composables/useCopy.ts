/** Copies text; where the clipboard is closed to pages, through a hidden selection. */
import { t } from '../language/index.ts'
import { useToastsStore } from '../stores/toasts.ts'

export function useCopy(): (text: string, what: string) => Promise<void> {
  const toasts = useToastsStore()
  return async (text, what) => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => copyBySelection(text),
    )
    if (isCopied) toasts.show('success', t('{what} copied', { what }))
    else toasts.show('warning', t('{what} could not be copied: the browser refuses the clipboard', { what }))
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  document.body.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  return isCopied
}
