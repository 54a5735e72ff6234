/** Ways back: each stands in a toast for some seconds, and Ctrl+Z takes the newest for as long as the page lives. */
import { shallowRef } from 'vue'
import { thrownText } from '../format/errors.ts'
import { t } from '../language/index.ts'
import { useToastsStore } from '../stores/toasts.ts'

interface Step {
  readonly message: string
  readonly undo: () => unknown
}

const remembered = 50
const steps = shallowRef<readonly Step[]>([])

export interface Undo {
  /** Says what was done and offers the way back. */
  offer(message: string, undo: () => unknown): void
  /** Takes back the newest; says so when there is nothing. */
  undoNewest(): Promise<void>
}

export function useUndo(): Undo {
  const toasts = useToastsStore()
  const take = async (step: Step): Promise<void> => {
    if (!steps.value.includes(step)) return
    steps.value = steps.value.filter(each => each !== step)
    try {
      await step.undo()
      toasts.show('info', t('Undone: {what}', { what: step.message }))
    } catch (error) {
      toasts.show('error', thrownText(error))
    }
  }
  return {
    offer(message, undo) {
      const step = { message, undo }
      steps.value = [...steps.value.slice(1 - remembered), step]
      toasts.show('success', message, { label: t('Undo'), run: () => void take(step) })
    },
    async undoNewest() {
      const newest = steps.value.at(-1)
      if (newest) await take(newest)
      else toasts.show('info', t('There is nothing to undo'))
    },
  }
}
