/** Asks before something is lost: `if (await confirm({...}))`. One dialog for the whole page. */
import { shallowRef } from 'vue'

export interface Question {
  readonly title: string
  readonly text: string
  readonly confirmLabel: string
  readonly isDangerous?: boolean
}

export const openQuestion = shallowRef<(Question & { readonly answer: (yes: boolean) => void }) | null>(null)

export function confirm(question: Question): Promise<boolean> {
  openQuestion.value?.answer(false)
  return new Promise(resolve => {
    openQuestion.value = {
      ...question,
      answer: yes => {
        openQuestion.value = null
        resolve(yes)
      },
    }
  })
}
