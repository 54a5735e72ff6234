/** What the queue lets one do: another order, another device, out of it and back, and an end to a whole sweep. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Machine, RunSummary, Sweep } from '../../../core/contract/index.ts'
import { useAction } from '../../composables/useAction.ts'
import { useUndo } from '../../composables/useUndo.ts'
import { t, tn } from '../../language/index.ts'
import { useConnectionStore } from '../../stores/connection.ts'
import { workbench } from '../../workbench.ts'

const [askAfterMs, mostAsked] = [300, 500]
const [lookMs, looks] = [400, 100]

/** Resumes a run that may still be saving. */
async function goOn(id: string): Promise<void> {
  for (let look = 0; look < looks; look++) {
    const { status } = await workbench().runs.get({ id })
    if (status !== 'stopping') break
    await new Promise(resolve => setTimeout(resolve, lookMs))
  }
  await workbench().runs.resume({ id })
}

export function useQueue(queue: () => readonly RunSummary[]) {
  const { isBusy, run: act } = useAction()
  const undo = useUndo()
  const machine = shallowRef<Machine | null>(null)
  const sweeps = shallowRef<readonly Sweep[]>([])
  /** By run, what it would compute on. */
  const devices = ref<Readonly<Record<string, string>>>({})

  const placeOf = (run: RunSummary): number => run.queuePosition ?? queue().indexOf(run) + 1
  const moveTo = (run: RunSummary, position: number): void =>
    void act(async () => {
      const before = placeOf(run)
      await workbench().runs.move({ id: run.id, position: Math.max(1, position) })
      undo.offer(t('{name} moved in the queue', { name: run.name }), () =>
        workbench().runs.move({ id: run.id, position: before }),
      )
    })
  const takeOut = (run: RunSummary): void =>
    void act(async () => {
      const before = placeOf(run)
      await workbench().runs.stop({ id: run.id })
      undo.offer(t('{name} taken out of the queue', { name: run.name }), async () => {
        await workbench().runs.resume({ id: run.id })
        await workbench().runs.move({ id: run.id, position: before })
      })
    })
  const choose = (run: RunSummary, device: string): void =>
    void act(async () => {
      const before = devices.value[run.id] ?? 'auto'
      const put = async (next: string): Promise<void> => {
        await workbench().experiments.chooseDevice({ id: run.id, device: next })
        devices.value = { ...devices.value, [run.id]: next }
      }
      await put(device)
      undo.offer(t('{name} will train on {device}', { name: run.name, device }), () => put(before))
    })
  const cancelSweep = ({ groupId, name }: Sweep): void =>
    void act(async () => {
      const order = queue()
        .filter(run => run.groupId === groupId)
        .map(run => run.id)
      const { taken, stopped } = await workbench().experiments.cancelSweep({ groupId })
      const text = tn(taken.length, '{name}: {count} run taken out', '{name}: {count} runs taken out', {
        name,
      })
      undo.offer(text, async () => {
        for (const id of order.filter(id => taken.includes(id))) await workbench().runs.resume({ id })
        for (const id of stopped) await goOn(id)
      })
    })

  const ask = async (): Promise<void> => {
    const ids = queue()
      .slice(0, mostAsked)
      .map(run => run.id)
    if (ids.length === 0) return
    const [found, now, known] = await Promise.all([
      workbench().runs.columns({ fields: ['device'], ids }),
      machine.value ?? workbench().experiments.machine({}),
      workbench().experiments.sweeps({}),
    ])
    const column = found.columns['device'] ?? []
    devices.value = Object.fromEntries(found.ids.map((id, at) => [id, String(column[at] ?? 'auto')]))
    machine.value = now
    sweeps.value = known.filter(each => each.waiting > 0)
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const askSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      void ask().catch(() => {})
    }, askAfterMs)
  }
  watch(
    () =>
      queue()
        .map(run => run.id)
        .join(),
    askSoon,
    { immediate: true },
  )
  useConnectionStore().onReconnect(askSoon)
  onScopeDispose(() => clearTimeout(timer))
  return { isBusy, machine, sweeps, devices, placeOf, moveTo, takeOut, choose, cancelSweep }
}
