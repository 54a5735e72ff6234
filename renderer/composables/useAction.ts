/** Runs a call to the host for a button: busy while it goes on, its failure as a toast. */
import { ref, type Ref } from 'vue'
import { thrownText } from '../format/errors.ts'
import { t } from '../language/index.ts'
import { useConnectionStore } from '../stores/connection.ts'
import { useToastsStore } from '../stores/toasts.ts'

export interface Action {
  readonly isBusy: Ref<boolean>
  /** @returns whether the work succeeded. */
  run(work: () => Promise<unknown>): Promise<boolean>
}

export function useAction(): Action {
  const isBusy = ref(false)
  const toasts = useToastsStore()
  const connection = useConnectionStore()
  const run = async (work: () => Promise<unknown>): Promise<boolean> => {
    if (isBusy.value) return false
    if (connection.isAway) {
      toasts.show('warning', t('The workbench cannot be reached; nothing was changed'))
      return false
    }
    isBusy.value = true
    try {
      await work()
      return true
    } catch (error) {
      toasts.show('error', thrownText(error))
      return false
    } finally {
      isBusy.value = false
    }
  }
  return { isBusy, run }
}
