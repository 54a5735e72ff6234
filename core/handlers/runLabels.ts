/** Names, notes, tags, stars and archive of runs, one or thousands at a time. */
import type { Handlers, WorkbenchContract } from '../contract/index.ts'
import type { StoredRun } from '../store/index.ts'
import type { Workbench } from './ports.ts'
import { runSummary } from './runSummary.ts'

type RunHandlers = Handlers<WorkbenchContract>['runs']

/** Runs that are written and told of before others get their turn: some milliseconds. */
const atOnce = 250

export function labelHandlers(
  workbench: Workbench,
): Pick<RunHandlers, 'rename' | 'annotate' | 'tag' | 'star' | 'archive'> {
  const { store, emit } = workbench
  return {
    rename({ id, name }) {
      store.runs.get(id)
      store.runs.change(id, { name })
      emit.runs.onChanged(runSummary(workbench, store.runs.get(id)))
      return {}
    },
    annotate({ id, notes }) {
      store.runs.annotate(id, notes)
      return {}
    },
    async tag({ ids, add, remove }) {
      const dropped = new Set([...add, ...remove])
      await changeAll(workbench, ids, ({ id, tags }) => {
        const next = [...tags.filter(tag => !dropped.has(tag)), ...new Set(add)].sort()
        store.runs.change(id, { tags: next })
      })
      return {}
    },
    async star({ ids, isStarred }) {
      await changeAll(workbench, ids, ({ id }) => store.runs.change(id, { isStarred }))
      return {}
    },
    async archive({ ids, isArchived }) {
      const archivedAt = isArchived ? Date.now() : null
      await changeAll(workbench, ids, ({ id }) => store.runs.change(id, { archivedAt }))
      return {}
    },
  }
}

/**
 * Changes runs in transactions of so many, and tells of each stretch at once. All ids are looked up first, so that an unknown one
 * changes nothing.
 * @throws AppError not-found
 */
export async function changeAll(
  workbench: Workbench,
  ids: readonly string[],
  change: (run: StoredRun) => void,
): Promise<void> {
  const { store, emit } = workbench
  for (const id of ids) store.runs.number(id)
  for (let first = 0; first < ids.length; first += atOnce) {
    const part = ids.slice(first, first + atOnce)
    const changed = store.writeDurably(() => {
      for (const id of part) change(store.runs.get(id))
      return part.map(id => runSummary(workbench, store.runs.get(id)))
    })
    emit.runs.onManyChanged(changed)
    await new Promise(setImmediate)
  }
}
