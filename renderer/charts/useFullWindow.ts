/** Whether something fills the window. While it does, the page behind it does not scroll. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

export function useFullWindow(): Ref<boolean> {
  const isFull = ref(false)
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.defaultPrevented) isFull.value = false
  }
  const apply = (now: boolean): void => {
    document.documentElement.classList.toggle('has-full-chart', now)
    if (now) window.addEventListener('keydown', leave)
    else window.removeEventListener('keydown', leave)
  }
  watch(isFull, apply)
  onScopeDispose(() => apply(false))
  return isFull
}
