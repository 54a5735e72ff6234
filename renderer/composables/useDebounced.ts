/** Delays a function until its calls have paused, and forgets it when the component goes. */
import { onScopeDispose } from 'vue'

export function useDebounced<A extends unknown[]>(
  run: (...args: A) => void,
  waitMs: number,
): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  onScopeDispose(() => clearTimeout(timer))
  return (...args) => {
    clearTimeout(timer)
    timer = setTimeout(() => run(...args), waitMs)
  }
}
