/** A store in a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openStore, type OpenOptions, type Store } from '../../../core/store/index.ts'

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-store-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** @returns a store with one data set, closed after the test. */
export async function temporaryStore(t: TestContext, options?: OpenOptions): Promise<Store> {
  const store = openStore(join(await temporaryFolder(t), 'store.sqlite'), options)
  t.after(() => store.close())
  addDataset(store)
  return store
}

export function addDataset(store: Store, id = 'digits'): void {
  const path = `/data/${id}`
  store.datasets.create({ id, name: id, path, reader: 'idx', options: {}, isSample: false, createdAt: 1 })
}

/** Adds a run. @returns its number. */
export function addRun(store: Store, id = 'r-1'): number {
  store.runs.create({
    ...{
      id,
      name: `run ${id}`,
      datasetId: 'digits',
      datasetName: 'digits',
      model: 'resnet18',
      backend: 'auto',
    },
    ...{ totalEpochs: 3, config: { training: { epochs: 3 } }, createdAt: 1 },
  })
  return store.runs.number(id)
}
