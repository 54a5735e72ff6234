/** Forgets a data set, after a question, and offers to add it again. */
import type { DatasetSummary } from '../../../core/contract/index.ts'
import type { Action } from '../../composables/useAction.ts'
import { confirm } from '../../composables/useConfirm.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { workbench } from '../../workbench.ts'

/** @returns a function that resolves to whether the data set is gone. */
export function useRemoveDataset({ run }: Action): (dataset: DatasetSummary) => Promise<boolean> {
  const toasts = useToastsStore()
  return async ({ id, name, path, reader }) => {
    const isSure = await confirm({
      title: `Remove “${name}”?`,
      text: 'The workbench forgets the data set. Your files stay where they are, and runs that used it keep their results.',
      confirmLabel: 'Remove',
      isDangerous: true,
    })
    if (!isSure || !(await run(() => workbench().datasets.remove({ id })))) return false
    const undo = (): void => void run(() => workbench().datasets.add({ path, name, reader }))
    toasts.show('info', `“${name}” removed`, { label: 'Add again', run: undo })
    return true
  }
}
