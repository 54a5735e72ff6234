/** Whether something fills the window. While it does, the page behind it does not scroll, and what lies behind need not be drawn. */
import {
  computed,
  onScopeDispose,
  shallowRef,
  type ComputedRef,
  type Ref,
  type WritableComputedRef,
} from 'vue'

/** What fills the window now. */
const filling = shallowRef<symbol | null>(null)

/** Whether something else fills the window. @param isFull of the asking one */
export function useCovered(isFull: Ref<boolean>): ComputedRef<boolean> {
  return computed(() => filling.value !== null && !isFull.value)
}

export function useFullWindow(): WritableComputedRef<boolean> {
  const own = Symbol('chart')
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented) set(false)
  }
  const set = (isFull: boolean): void => {
    if (!isFull && filling.value !== own) return
    filling.value = isFull ? own : null
    document.documentElement.classList.toggle('has-full-chart', isFull)
    if (isFull) window.addEventListener('keydown', leave)
    else window.removeEventListener('keydown', leave)
  }
  onScopeDispose(() => set(false))
  return computed({ get: () => filling.value === own, set })
}
