/** Forgets a data set, after a question, and offers to add it again. */
import type { DatasetSummary } from '../../../core/contract/index.ts'
import type { Action } from '../../composables/useAction.ts'
import { confirm } from '../../composables/useConfirm.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { t } from '../../language/index.ts'
import { workbench } from '../../workbench.ts'

/** @returns a function that resolves to whether the data set is gone. */
export function useRemoveDataset({ run }: Action): (dataset: DatasetSummary) => Promise<boolean> {
  const undo = useUndo()
  return async ({ id, name, path, reader }) => {
    const isSure = await confirm({
      title: t('Remove “{name}”?', { name }),
      text: t(
        'The workbench forgets the data set. Your files stay where they are, and runs that used it keep their results.',
      ),
      confirmLabel: t('Remove'),
      isDangerous: true,
    })
    if (!isSure || !(await run(() => workbench().datasets.remove({ id })))) return false
    undo.offer(t('“{name}” removed', { name }), () => workbench().datasets.add({ path, name, reader }))
    return true
  }
}
