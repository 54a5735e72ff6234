/** A host in a folder of its own, with fake children, and a client of it. */
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  client,
  type PushMessage,
  type RunSummary,
  type WorkbenchContract,
} from '../../../core/contract/index.ts'
import { createHost, type Host, type HostOptions } from '../../../main/host.ts'
import { fakeLibtorch } from './fakeLibtorch.ts'

export const trainerEntry = join(import.meta.dirname, 'fakeTrainer.ts')
export const workerEntry = join(import.meta.dirname, 'fakeWorker.ts')

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'multigrain-test-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

export interface Bench {
  readonly host: Host
  readonly folder: string
  readonly pushes: PushMessage[]
  readonly call: ReturnType<typeof client<WorkbenchContract>>
  /** Adds a data set that the fake worker scans, and waits for it. */
  addDataset(name?: string): Promise<string>
  /** Creates a run whose fake trainer behaves as the seed says. */
  addRun(datasetId: string, seed: number): Promise<string>
  /** Resolves once the run has one of the statuses. */
  until(runId: string, ...statuses: RunSummary['status'][]): Promise<RunSummary>
}

/** Starts a host that closes before the test's folder is deleted. */
export async function startBench(t: TestContext, options: Partial<HostOptions> = {}): Promise<Bench> {
  const folder = options.dataFolder ?? (await temporaryFolder(t))
  const host = await createHost({
    dataFolder: folder,
    shell: 'web',
    withSample: false,
    trainerEntry,
    workerEntry,
    libtorch: fakeLibtorch(),
    ...options,
  })
  t.after(() => host.close())
  const call = client<WorkbenchContract>(host.link)
  const pushes: PushMessage[] = []
  host.link.subscribe(message => pushes.push(message))
  return {
    ...{ host, folder, pushes, call },
    async addDataset(name = 'digits') {
      const path = join(folder, 'pictures', name)
      await mkdir(path, { recursive: true })
      const { id } = await call.datasets.add({ path })
      await waitFor(async () => (await call.datasets.get({ id })).status !== 'scanning')
      return id
    },
    async addRun(datasetId, seed) {
      const config = { model: { name: 'cifar-resnet8' }, training: { seed, epochs: 2 } }
      return (await call.runs.create({ datasetId, config })).id
    },
    async until(id, ...statuses) {
      await waitFor(async () => statuses.includes((await call.runs.get({ id })).status))
      return call.runs.get({ id })
    },
  }
}

/** @throws Error when the condition does not come true within ten seconds. */
export async function waitFor(condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const endMs = performance.now() + limitMs
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`Waited ${limitMs} ms in vain for ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
