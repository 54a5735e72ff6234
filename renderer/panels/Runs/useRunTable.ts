/** State of the table of runs. */
import { computed, ref, shallowRef } from 'vue'
import { useAction } from '../../composables/useAction.ts'
import { confirm } from '../../composables/useConfirm.ts'
import { plural } from '../../format/numbers.ts'
import { useRunsStore } from '../../stores/runs.ts'
import { useSettingsStore } from '../../stores/settings.ts'
import { useToastsStore } from '../../stores/toasts.ts'
import { workbench } from '../../workbench.ts'
import { runRows, type RunOrder, type StatusFilter } from './runRows.ts'

const moving = ['starting', 'running', 'pausing', 'stopping']

export function useRunTable() {
  const runs = useRunsStore()
  const settings = useSettingsStore()
  const toasts = useToastsStore()
  const { isBusy, run: act } = useAction()
  const filter = ref('')
  const status = ref<StatusFilter>('all')
  const selected = shallowRef<ReadonlySet<string>>(new Set())
  const order = computed<RunOrder>({
    get: () => settings.view<RunOrder>('runs.order', { column: 'created', isDescending: true }),
    set: next => settings.setView('runs.order', next),
  })
  const rows = computed(() => runRows(runs.list, filter.value, status.value, order.value))
  const chosen = computed(() => runs.list.filter(run => selected.value.has(run.id)))

  const trash = async (): Promise<void> => {
    const ids = chosen.value.filter(run => !moving.includes(run.status)).map(run => run.id)
    const kept = chosen.value.length - ids.length
    if (kept > 0)
      toasts.show('warning', `${plural(kept, 'run')} still at work: stop first, then move to the trash`)
    if (ids.length > 20) {
      const question = {
        title: `Move ${plural(ids.length, 'run')} to the trash?`,
        text: 'They can be restored from there.',
        confirmLabel: 'Move',
      }
      if (!(await confirm(question))) return
    }
    if (ids.length === 0) return
    const isDone = await act(() => Promise.all(ids.map(id => workbench().runs.remove({ id }))))
    if (!isDone) return
    selected.value = new Set()
    const undo = (): void => void act(() => Promise.all(ids.map(id => workbench().runs.restore({ id }))))
    toasts.show('info', `${plural(ids.length, 'run')} moved to the trash`, { label: 'Undo', run: undo })
  }
  return { runs, filter, status, order, rows, selected, chosen, isBusy, trash }
}
