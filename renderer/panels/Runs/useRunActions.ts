/** What is done to several runs at once, each with its way back. */
import { computed, type Ref } from 'vue'
import type { RunSummary } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { confirm } from '../../composables/useConfirm.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { tn, t } from '../../language/index.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { workbench } from '../../workbench.ts'

/** More than so many are asked about first. */
const unasked = 20

export function useRunActions(selected: Ref<ReadonlySet<string>>) {
  const store = useRunsStore()
  const toasts = useToastsStore()
  const undo = useUndo()
  const { isBusy, run: act } = useAction()
  const chosen = computed(() => store.kept.filter(run => selected.value.has(run.id)))
  const ids = (runs: readonly RunSummary[]): string[] => runs.map(run => run.id)

  const tag = async (tags: readonly string[], isAdded: boolean, runs = chosen.value): Promise<void> => {
    const changed = new Map(
      tags.map(each => [each, ids(runs.filter(run => run.tags.includes(each) !== isAdded))] as const),
    )
    const set = (isOn: boolean): Promise<unknown> =>
      Promise.all(
        [...changed]
          .filter(([, some]) => some.length > 0)
          .map(([each, some]) => workbench().runs.tag({ ids: some, [isOn ? 'add' : 'remove']: [each] })),
      )
    if (!(await act(() => set(isAdded)))) return
    const names = tags.join(', ')
    const message = isAdded
      ? tn(runs.length, '{count} run tagged {names}', '{count} runs tagged {names}', { names })
      : tn(runs.length, 'Tag {names} taken from {count} run', 'Tag {names} taken from {count} runs', {
          names,
        })
    undo.offer(message, () => set(!isAdded))
  }
  const star = async (isStarred: boolean, runs = chosen.value): Promise<void> => {
    const changed = ids(runs.filter(run => run.isStarred !== isStarred))
    if (changed.length === 0) return
    const set = (isOn: boolean): Promise<unknown> => workbench().runs.star({ ids: changed, isStarred: isOn })
    if (!(await act(() => set(isStarred))) || changed.length === 1) return
    const message = isStarred
      ? tn(changed.length, '{count} run starred', '{count} runs starred')
      : tn(changed.length, 'Star taken from {count} run', 'Stars taken from {count} runs')
    undo.offer(message, () => set(!isStarred))
  }
  const archive = async (isArchived: boolean, runs = chosen.value): Promise<void> => {
    const changed = ids(runs)
    const set = (isOn: boolean): Promise<unknown> =>
      workbench().runs.archive({ ids: changed, isArchived: isOn })
    if (!(await act(() => set(isArchived)))) return
    selected.value = new Set()
    const message = isArchived
      ? tn(changed.length, '{count} run archived', '{count} runs archived')
      : tn(changed.length, '{count} run back from the archive', '{count} runs back from the archive')
    undo.offer(message, () => set(!isArchived))
  }
  const trash = async (runs = chosen.value): Promise<void> => {
    const asked = ids(runs)
    if (asked.length > unasked) {
      const isSure = await confirm({
        title: tn(asked.length, 'Move {count} run to the trash?', 'Move {count} runs to the trash?'),
        text: t('They can be restored from there.'),
        confirmLabel: t('Move'),
      })
      if (!isSure) return
    }
    let kept: readonly string[] = []
    const isDone = await act(async () => {
      kept = (await workbench().runs.removeAll({ ids: asked })).kept
    })
    if (!isDone) return
    if (kept.length > 0) {
      const text = tn(
        kept.length,
        '{count} run is still at work: stop it first, then move it to the trash',
        '{count} runs are still at work: stop them first, then move them to the trash',
      )
      toasts.show('warning', text)
    }
    selected.value = new Set(kept)
    const gone = asked.filter(id => !kept.includes(id))
    if (gone.length === 0) return
    const message = tn(gone.length, '{count} run moved to the trash', '{count} runs moved to the trash')
    undo.offer(message, () => workbench().runs.restoreAll({ ids: gone }))
  }
  return { chosen, isBusy, tag, star, archive, trash }
}
