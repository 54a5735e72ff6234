/** Evaluates the same checkpoint on the same images once more, and goes to the new evaluation. */
import { useAction } from '../../composables/useAction.ts'
import { go } from '../../route.ts'
import { workbench } from '../../workbench.ts'

export function useAgain(id: string) {
  const { isBusy, run } = useAction()
  const again = (): Promise<boolean> =>
    run(async () => {
      const made = await workbench().evaluations.again({ id })
      go({ page: 'evaluation', id: made.id })
    })
  return { isBusy, again }
}
