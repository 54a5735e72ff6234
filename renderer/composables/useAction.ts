/** Runs a call to the host for a button: busy while it goes on, its failure as a toast. */
import { ref, type Ref } from 'vue'
import { useToastsStore } from '../stores/toasts.ts'

export interface Action {
  readonly isBusy: Ref<boolean>
  /** @returns whether the work succeeded. */
  run(work: () => Promise<unknown>): Promise<boolean>
}

export function useAction(): Action {
  const isBusy = ref(false)
  const toasts = useToastsStore()
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (isBusy.value) return false
    isBusy.value = true
    try {
      await work()
      return true
    } catch (error) {
      toasts.show('error', error instanceof Error ? error.message : String(error))
      return false
    } finally {
      isBusy.value = false
    }
  }
  return { isBusy, run }
}
