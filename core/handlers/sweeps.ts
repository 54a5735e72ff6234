/** Sweeps: many runs from one configuration, cancelled together, and ended when their time is spent. */
import type { Handlers, Sweep, WorkbenchContract } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { settingText } from '../experiment/index.ts'
import type { StoredRun } from '../store/index.ts'
import type { Workbench } from './ports.ts'
import { putRun } from './runs.ts'

type SweepHandlers = Pick<
  Handlers<WorkbenchContract>['experiments'],
  'planSweep' | 'createSweep' | 'sweeps' | 'cancelSweep'
>

/** Runs that are written before others get their turn. */
const writtenAtOnce = 20

export function sweepHandlers(workbench: Workbench): SweepHandlers {
  const { store, supervisor, emit } = workbench
  return {
    async planSweep(input) {
      const { total, runs, settings, issues } = await supervisor.runTask('plan-sweep', input)
      return { total, runs, settings, issues }
    },
    async createSweep({ config, datasetId, name, sweep }) {
      const dataset = store.datasets.get(datasetId)
      const planned = await supervisor.runTask('plan-sweep', { config, sweep })
      if (planned.issues.length > 0) {
        const message = planned.issues.map(({ path, message: text }) => `${path}: ${text}`).join('; ')
        throw new AppError('invalid-config', message, { issues: planned.issues })
      }
      const groupId = nextGroup(workbench)
      const ids: string[] = []
      for (let at = 0; at < planned.configs.length; at += writtenAtOnce) {
        store.writeDurably(() => {
          planned.configs.slice(at, at + writtenAtOnce).forEach((each, index) => {
            const setting = planned.settings[at + index] ?? []
            const told = settingText(sweep.fields, setting)
            ids.push(
              putRun(workbench, { config: each, dataset, name: `${name}: ${told}`.slice(0, 200), groupId }),
            )
          })
        })
        await new Promise(setImmediate)
      }
      store.writeDurably(() => store.sweeps.create({ groupId, name, sweep, createdAt: Date.now() }))
      for (const id of ids) emit.runs.onChanged({ ...store.runs.get(id), progress: null })
      supervisor.startQueued()
      return { groupId, ids }
    },
    sweeps: () => store.sweeps.list(),
    cancelSweep({ groupId }) {
      const taken = takeOut(workbench, groupId, 'cancelled')
      const stopped = store.sweeps.runs(groupId, ['starting', 'running', 'pausing'])
      for (const id of stopped) {
        supervisor.endTraining(id, 'stop')
        store.writeDurably(() => store.runs.change(id, { status: 'stopping' }))
        changed(workbench, store.runs.get(id))
      }
      supervisor.startQueued()
      return { taken, stopped }
    },
  }
}

type Context = Pick<Workbench, 'store' | 'emit'>

/**
 * Ends the sweep of a run whose budget is spent: what waits of it leaves the queue.
 * @returns whether it did, and the run is not to be started
 */
export function endSpentSweep(context: Context, runId: string): boolean {
  const sweep = context.store.sweeps.openOf(runId)
  if (sweep === null || !isSpent(sweep)) return false
  const taken = takeOut(context, sweep.groupId, 'budget')
  const message = `The training time of the sweep ${sweep.name} is spent: ${taken.length} runs that waited were taken out of the queue`
  context.emit.system.onNotice({ level: 'info', message })
  return true
}

function isSpent({ sweep: { budgetMs }, elapsedMs }: Sweep): boolean {
  return budgetMs !== null && elapsedMs >= budgetMs
}

/** Takes the runs of a sweep that wait out of the queue. */
function takeOut({ store, emit }: Context, groupId: string, reason: string): string[] {
  const waiting = store.sweeps.runs(groupId, ['queued'])
  store.writeDurably(() => {
    for (const id of waiting) {
      store.runs.dequeue(id)
      store.runs.change(id, { status: 'stopped' })
    }
    store.sweeps.end(groupId, reason)
  })
  for (const id of waiting) changed({ emit }, store.runs.get(id))
  return waiting
}

function changed({ emit }: Pick<Context, 'emit'>, run: StoredRun): void {
  emit.runs.onChanged({ ...run, progress: null })
}

/** `g-20261122-001`. A number is never given twice. */
function nextGroup({ store }: Pick<Workbench, 'store'>): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '')
  return `g-${day}-${String(store.settings.count(`sweeps-${day}`)).padStart(3, '0')}`
}
