/** Short messages in the corner, some with one thing to do about them. */
import { defineStore } from 'pinia'
import { ref } from 'vue'

export interface Toast {
  readonly id: number
  readonly level: 'info' | 'success' | 'warning' | 'error'
  readonly message: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

const shownMs = { info: 5000, success: 5000, warning: 10_000, error: 15_000 } as const

export const useToastsStore = defineStore('toasts', () => {
  const toasts = ref<Toast[]>([])
  let nextId = 1

  const dismiss = (id: number): void => {
    toasts.value = toasts.value.filter(toast => toast.id !== id)
  }
  /** @returns what `dismiss` takes. */
  const show = (level: Toast['level'], message: string, action?: Toast['action']): number => {
    const same = toasts.value.find(toast => toast.message === message && toast.level === level)
    if (same) dismiss(same.id)
    const id = nextId++
    toasts.value = [...toasts.value.slice(-4), { id, level, message, ...(action ? { action } : {}) }]
    setTimeout(() => dismiss(id), action ? Math.max(8000, shownMs[level]) : shownMs[level])
    return id
  }
  return { toasts, show, dismiss }
})
