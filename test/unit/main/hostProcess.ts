/** A host as a process of its own, to be killed: starts a run of the fake trainer, and prints its id once it trains. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { client, type WorkbenchContract } from '../../../core/contract/index.ts'
import { createHost } from '../../../main/host.ts'
import { trainerEntry, waitFor, workerEntry } from './fixture.ts'

const [, , folder = '', seed = '0'] = process.argv
const host = await createHost({
  dataFolder: folder,
  shell: 'web',
  withSample: false,
  trainerEntry,
  workerEntry,
})
const call = client<WorkbenchContract>(host.link)
const path = join(folder, 'pictures')
mkdirSync(path, { recursive: true })
const { id: datasetId } = await call.datasets.add({ path })
await waitFor(async () => (await call.datasets.get({ id: datasetId })).status === 'ready')
const config = { model: { name: 'cifar-resnet8' }, training: { seed: Number(seed), epochs: 2 } }
const { id } = await call.runs.create({ datasetId, config })
await waitFor(async () => (await call.runs.get({ id })).step > 5)
console.log(id)
