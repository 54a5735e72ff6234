/** Brings the store's list of a run's checkpoints into line with the run's folder, which has the last word. */
import { join } from 'node:path'
import { AppError } from '../../core/errors/index.ts'
import type { Workbench } from '../../core/handlers/index.ts'
import { checkpointId } from '../../core/store/index.ts'
import { readCheckpoints } from './checkpointFolder.ts'
import { takeUnheard } from './takeUnheard.ts'

type Context = Pick<Workbench, 'store' | 'emit' | 'folders' | 'report'>

/** Reads runs' folders in the background. */
export class Reconciler {
  private readonly context: Context
  private readonly pending = new Set<Promise<void>>()
  private isClosed = false

  constructor(context: Context) {
    this.context = context
  }

  /** @param onFound is told how many valid checkpoints the store did not know. */
  request(runId: string, onFound: (count: number) => void = () => {}): void {
    if (this.isClosed) return
    const work = this.reconcile(runId)
      .then(onFound)
      .catch((thrown: unknown) => this.context.report(AppError.from(thrown, `run ${runId}`)))
      .finally(() => this.pending.delete(work))
    this.pending.add(work)
  }

  /** Resolves when nothing is under way; nothing new begins. */
  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all(this.pending)
  }

  /** @returns how many valid checkpoints were found that the store did not know. */
  private async reconcile(runId: string): Promise<number> {
    const { store, emit, folders } = this.context
    const hasNews = takeUnheard(this.context, runId)
    // Looked up first: what a trainer saves while the folder is read is no news and not gone.
    const known = new Map(store.checkpoints.list(runId).map(each => [each.id, each]))
    const found = await readCheckpoints(join(folders.runs, runId, 'checkpoints'))
    let news = 0
    store.writeDurably(() => {
      for (const checkpoint of found) {
        const id = checkpointId(runId, checkpoint.name)
        if (!known.has(id) && checkpoint.status === 'valid') news++
        // A full check by a worker may know of damage that sizes do not show.
        const isKnownDamaged = known.get(id)?.status === 'damaged'
        store.checkpoints.put(runId, isKnownDamaged ? { ...checkpoint, status: 'damaged' } : checkpoint)
        known.delete(id)
      }
      for (const gone of known.values()) {
        if (gone.isPinned) store.checkpoints.setStatus(gone.id, 'missing')
        else store.checkpoints.remove(gone.id)
      }
    })
    emit.checkpoints.onChanged({ runId })
    if (hasNews) emit.runs.onChanged({ ...store.runs.get(runId), progress: null })
    return news
  }
}
