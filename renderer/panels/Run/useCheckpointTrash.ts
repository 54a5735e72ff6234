/** Checkpoints to the trash and back, and for good. */
import { ref } from 'vue'
import { useAction } from '../../composables/useAction.ts'
import { confirm } from '../../composables/useConfirm.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { bytes } from '../../format/numbers.ts'
import type { Checkpoint } from '../../../core/contract/index.ts'
import { t, tn } from '../../language/index.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { workbench } from '../../workbench.ts'

export function useCheckpointTrash(changed: () => unknown) {
  const { isBusy, run: act } = useAction()
  const undo = useUndo()
  const toasts = useToastsStore()
  const isPurging = ref(false)

  /** @returns those that stay: the newest of a run, and pinned ones */
  const discard = async (ids: readonly string[]): Promise<readonly string[]> => {
    let kept: readonly string[] = []
    const isDone = await act(async () => {
      kept = (await workbench().checkpoints.discard({ ids: [...ids] })).kept
    })
    await changed()
    if (!isDone) return ids
    if (kept.length > 0) {
      const text = tn(
        kept.length,
        '{count} checkpoint stays: it is pinned, or the newest of its run',
        '{count} checkpoints stay: they are pinned, or the newest of their runs',
      )
      toasts.show('info', text)
    }
    const gone = ids.filter(id => !kept.includes(id))
    if (gone.length > 0) {
      const text = tn(
        gone.length,
        '{count} checkpoint moved to the trash',
        '{count} checkpoints moved to the trash',
      )
      undo.offer(text, async () => {
        await workbench().checkpoints.restore({ ids: gone })
        await changed()
      })
    }
    return kept
  }
  const restore = async (ids: readonly string[]): Promise<void> => {
    await act(() => workbench().checkpoints.restore({ ids: [...ids] }))
    await changed()
  }
  const purge = async (checkpoints: readonly Checkpoint[]): Promise<void> => {
    const sizeBytes = checkpoints.reduce((sum, each) => sum + each.sizeBytes, 0)
    const isSure = await confirm({
      title: tn(
        checkpoints.length,
        'Delete {count} checkpoint for good?',
        'Delete {count} checkpoints for good?',
      ),
      text: t('{size} are freed. The weights cannot be brought back.', { size: bytes(sizeBytes) }),
      confirmLabel: t('Delete for good'),
      isDangerous: true,
    })
    if (!isSure) return
    isPurging.value = true
    const isStarted = await act(() => workbench().checkpoints.purge({ ids: checkpoints.map(({ id }) => id) }))
    isPurging.value = false
    if (isStarted) toasts.show('success', t('{size} are being freed', { size: bytes(sizeBytes) }))
  }
  return { isBusy, isPurging, discard, restore, purge }
}
