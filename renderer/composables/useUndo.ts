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
/** Notices of what was done and undone that may stand at once; older ones give way, their steps can still be taken back. */
const mostNotices = 2
const steps = shallowRef<readonly Step[]>([])
let notices: readonly { readonly toast: number; readonly step: Step | null }[] = []

export interface Undo {
  /**
   * Says what was done and offers the way back.
   * @returns takes it back, once.
   */
  offer(message: string, undo: () => unknown): () => Promise<void>
  /** Takes back the newest; says so when there is nothing. */
  undoNewest(): Promise<void>
}

export function useUndo(): Undo {
  const toasts = useToastsStore()
  const note = (toast: number, step: Step | null): void => {
    const others = notices.filter(each => each.toast !== toast)
    const older = others.slice(0, Math.max(0, others.length + 1 - mostNotices))
    for (const each of older) toasts.dismiss(each.toast)
    notices = [...others.slice(older.length), { toast, step }]
  }
  /** A notice that offers what cannot be done any more goes. */
  const withdraw = (step: Step): void => {
    for (const each of notices) if (each.step === step) toasts.dismiss(each.toast)
    notices = notices.filter(each => each.step !== step)
  }
  const take = async (step: Step): Promise<void> => {
    if (!steps.value.includes(step)) return
    steps.value = steps.value.filter(each => each !== step)
    withdraw(step)
    try {
      await step.undo()
      note(toasts.show('info', t('Undone: {what}', { what: step.message })), null)
    } catch (error) {
      toasts.show('error', thrownText(error))
    }
  }
  return {
    offer(message, undo) {
      const step = { message, undo }
      steps.value = [...steps.value.slice(1 - remembered), step]
      const run = (): Promise<void> => take(step)
      note(toasts.show('success', message, { label: t('Undo'), run: () => void run() }), step)
      return run
    },
    async undoNewest() {
      const newest = steps.value.at(-1)
      if (newest) await take(newest)
      else toasts.show('info', t('There is nothing to undo'))
    },
  }
}
