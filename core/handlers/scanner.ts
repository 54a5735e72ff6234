/** Scans of data sets: started, watched, cancelled, and taken up again after a restart. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DatasetSummary, Progress } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { indexPath, summaryOf } from './datasetViews.ts'
import { failureOf, type Workbench } from './ports.ts'

interface Running {
  readonly cancel: AbortController
  progress: Progress
}

/** Setting that remembers that the user took the sample out of the list. */
const sampleSetting = 'sampleRemoved'
const sampleId = 'sample-mnist'

export class Scanner {
  private readonly running = new Map<string, Running>()
  private readonly workbench: Workbench
  private isClosed = false

  constructor(workbench: Workbench) {
    this.workbench = workbench
  }

  /** Scans again what an earlier host left unfinished, and sees to the sample data set. */
  start(): void {
    const { store } = this.workbench
    const unfinished = store.datasets.list().filter(each => each.status === 'scanning' && !each.isSample)
    for (const dataset of unfinished) this.scan(dataset.id)
    if (store.settings.get(sampleSetting) !== true) this.prepareSample()
  }

  close(): void {
    this.isClosed = true
    for (const { cancel } of this.running.values()) cancel.abort()
  }

  isScanning(id: string): boolean {
    return this.running.has(id)
  }

  /** For what is about to read a data set: a scan replaces its index. @throws AppError conflict */
  refuseWhileScanning(id: string): void {
    if (!this.running.has(id)) return
    const message = `Data set '${id}' is being scanned. Wait until its scan has ended, or cancel it`
    throw new AppError('conflict', message, { field: 'datasetId', value: id })
  }

  progressOf(id: string): Progress | null {
    return this.running.get(id)?.progress ?? null
  }

  cancel(id: string): void {
    this.running.get(id)?.cancel.abort()
  }

  rememberSampleRemoved(isRemoved: boolean): void {
    this.workbench.store.settings.set(sampleSetting, isRemoved)
  }

  /** Begins a scan; its outcome is stored and pushed, never thrown. */
  scan(id: string): void {
    this.begin(id, watch => this.scanFolder(id, watch))
  }

  private prepareSample(): void {
    const { store, folders } = this.workbench
    const folder = join(folders.datasets, sampleId)
    const known = store.datasets.list().find(each => each.isSample)
    if (known?.status === 'ready') return
    if (!known) {
      const path = folder
      const createdAt = Date.now()
      store.datasets.create({
        ...{
          id: sampleId,
          name: 'Sample: MNIST digits',
          path,
          reader: 'auto',
          options: {},
          isSample: true,
          createdAt,
        },
      })
    }
    this.begin(sampleId, async watch => {
      const prepared = await this.workbench.supervisor.runTask('prepare-sample', { folder }, watch)
      store.datasets.change(sampleId, { path: prepared.path, reader: prepared.reader })
      await this.scanFolder(sampleId, watch)
    })
  }

  private begin(id: string, work: (watch: Watch) => Promise<void>): void {
    if (this.running.has(id)) return
    const { store } = this.workbench
    const state: Running = {
      cancel: new AbortController(),
      progress: { phase: 'waiting', done: 0, total: 0, etaMs: null },
    }
    store.datasets.change(id, { status: 'scanning', error: null })
    this.running.set(id, state)
    this.push(id)
    const onProgress = (progress: Progress): void => {
      state.progress = progress
      this.push(id)
    }
    void work({ onProgress, signal: state.cancel.signal })
      .catch((thrown: unknown) => this.fail(id, AppError.from(thrown)))
      .finally(() => {
        this.running.delete(id)
        this.push(id)
      })
      .catch((thrown: unknown) => this.workbench.report(AppError.from(thrown, `data set ${id}`)))
  }

  private async scanFolder(id: string, watch: Watch): Promise<void> {
    const { store, supervisor, folders } = this.workbench
    const { path, reader, options } = store.datasets.get(id)
    const target = indexPath(folders, id)
    mkdirSync(dirname(target), { recursive: true })
    const scan = await supervisor.runTask('scan', { path, reader, options, indexPath: target }, watch)
    store.writeDurably(() => {
      store.datasets.setProblems(id, scan.problems)
      store.datasets.change(id, {
        status: 'ready',
        error: null,
        reader: scan.reader,
        options: scan.options,
        classes: scan.classes,
        splits: scan.splits,
        imageSize: scan.imageSize,
      })
    })
  }

  private fail(id: string, error: AppError): void {
    // A closing host leaves the scan unfinished, so that the next one takes it up.
    if (this.isClosed) return
    if (error.code === 'internal') this.workbench.report(error)
    const { keep, store } = this.workbench
    const { datasets } = store
    // A second scan that the user breaks off leaves what the first one found: an index is replaced as a whole.
    const isUnchanged = error.code === 'cancelled' && datasets.find(id).classes.length > 0
    const outcome = isUnchanged
      ? { status: 'ready' as const }
      : { status: 'failed' as const, error: failureOf(error) }
    keep(() => {
      datasets.change(id, outcome)
      this.push(id)
    })
  }

  private push(id: string): void {
    if (this.isClosed) return
    const summary = this.summary(id)
    if (summary) this.workbench.emit.datasets.onChanged(summary)
  }

  /** Null once the user has removed the data set. */
  private summary(id: string): DatasetSummary | null {
    const found = this.workbench.store.datasets.list().find(each => each.id === id)
    return found ? summaryOf(found, this.progressOf(id)) : null
  }
}

interface Watch {
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
}
