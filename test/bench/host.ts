/** Prints what the host costs while a run logs every step: `node test/bench/host.ts`. One interface listens. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { client, type WorkbenchContract } from '../../core/contract/index.ts'
import { createHost } from '../../main/host.ts'
import { serveLoopback } from '../../main/loopback.ts'
import { connect } from '../../main/remote.ts'

const folder = mkdtempSync(join(tmpdir(), 'multigrain-bench-'))
const trainerEntry = join(import.meta.dirname, 'busyTrainer.ts')
const workerEntry = join(import.meta.dirname, '..', 'unit', 'main', 'fakeWorker.ts')
const host = await createHost({
  dataFolder: folder,
  shell: 'web',
  withSample: false,
  trainerEntry,
  workerEntry,
})
const web = await serveLoopback(host, { port: 0 })
const link = await connect(folder)
const call = client<WorkbenchContract>(host.link)
const path = join(folder, 'pictures')
mkdirSync(path)
const { id: datasetId } = await call.datasets.add({ path })
while ((await call.datasets.get({ id: datasetId })).status !== 'ready') await pause(50)

for (const stepsPerSecond of [10, 100]) {
  const config = { model: { name: 'cifar-resnet8' }, training: { seed: stepsPerSecond, epochs: 2 } }
  const { id } = await call.runs.create({ datasetId, config })
  while ((await call.runs.get({ id })).step === 0) await pause(50)
  const before = process.cpuUsage()
  const startMs = performance.now()
  await pause(10_000)
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1000 / (performance.now() - startMs)
  console.log(
    `host, one run of ${stepsPerSecond} steps/s, five values and a log line each: ${(100 * share).toFixed(1)} % of a core`,
  )
  await call.runs.stop({ id })
  while ((await call.runs.get({ id })).status !== 'stopped') await pause(50)
}
link?.close()
await web.close()
await host.close()
rmSync(folder, { recursive: true })

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
