import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { behaviours } from './behaviours.ts'
import { startBench, temporaryFolder, waitFor } from './fixture.ts'

/** A host in a process of its own with a run that trains. @returns the run, and an end by SIGKILL. */
async function hostToKill(
  t: TestContext,
  folder: string,
): Promise<{ runId: string; kill: () => Promise<void> }> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'hostProcess.ts'), folder, String(behaviours.untilStopped)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  t.after(() => child.kill('SIGKILL'))
  const [runId] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    runId,
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

test('a host killed while a run trains: the store opens, the run is interrupted, its late checkpoint is found', async t => {
  const folder = await temporaryFolder(t)
  const dead = await hostToKill(t, folder)
  await dead.kill()
  const bench = await startBench(t, { dataFolder: folder })
  const run = await bench.call.runs.get({ id: dead.runId })
  assert.equal(run.status, 'interrupted')
  assert.match(run.error?.message ?? '', /The workbench ended while this run trained/)
  assert.equal(run.attempts[0]?.outcome, 'interrupted')
  // The orphaned trainer notices the broken channel and saves, after the new host has started.
  await waitFor(async () =>
    (await bench.call.checkpoints.list({ runId: run.id })).some(each => each.step > 10),
  )
  await bench.call.runs.resume({ id: run.id })
  await bench.until(run.id, 'running')
  await bench.call.runs.stop({ id: run.id })
  const stopped = await bench.until(run.id, 'stopped')
  assert.equal(stopped.error, null)
})

test('checkpoints are read back from the folder: new, damaged, set aside and gone ones', async t => {
  const bench = await startBench(t)
  const id = await bench.addRun(await bench.addDataset(), behaviours.finish)
  await bench.until(id, 'finished')
  const checkpoints = join(bench.folder, 'runs', id, 'checkpoints')
  await bench.host.close()
  const save = (name: string, sizeInManifest: number): void => {
    mkdirSync(join(checkpoints, name))
    const state = JSON.stringify({ step: Number(name.slice(-8)), epoch: 3, metrics: { 'val/top1': 0.75 } })
    writeFileSync(join(checkpoints, name, 'state.json'), state)
    const files = [{ name: 'state.json', size: sizeInManifest || state.length }]
    writeFileSync(join(checkpoints, name, 'manifest.json'), JSON.stringify({ files }))
  }
  save('step-00000030', 0)
  save('step-00000040', 5)
  save('damaged-step-00000050', 0)
  mkdirSync(join(checkpoints, 'step-00000060'))
  mkdirSync(join(checkpoints, '.saving-step-00000070'))
  // The trainer died while it replaced this one.
  renameSync(join(checkpoints, 'step-00000020'), join(checkpoints, '.replaced-step-00000020'))
  rmSync(join(checkpoints, 'step-00000010'), { recursive: true })
  await markRunning(bench.folder, id)
  const next = await startBench(t, { dataFolder: bench.folder })
  await waitFor(async () => (await next.call.checkpoints.list({ runId: id })).length === 5)
  assert.deepEqual(
    (await next.call.checkpoints.list({ runId: id })).map(each => [each.name, each.status, each.isNewest]),
    [
      ['step-00000060', 'damaged', false],
      ['damaged-step-00000050', 'damaged', false],
      ['step-00000040', 'damaged', false],
      ['step-00000030', 'valid', true],
      ['step-00000020', 'missing', false],
    ],
  )
  renameSync(join(checkpoints, '.replaced-step-00000020'), join(checkpoints, 'step-00000020'))
  const back = (await next.call.checkpoints.list({ runId: id })).find(each => each.step === 20)
  assert.equal(back?.status, 'valid', 'the next resume gives it its name back')
})

test('what the user had asked for before the host died has come true', async t => {
  const bench = await startBench(t)
  const datasetId = await bench.addDataset()
  const [a, b] = [await bench.addRun(datasetId, 0), await bench.addRun(datasetId, 0)]
  for (const id of [a, b]) await bench.until(id, 'finished')
  await bench.host.close()
  await markRunning(bench.folder, a, 'pausing')
  await markRunning(bench.folder, b, 'stopping')
  const next = await startBench(t, { dataFolder: bench.folder })
  assert.equal((await next.call.runs.get({ id: a })).status, 'paused')
  assert.equal((await next.call.runs.get({ id: b })).status, 'stopped')
})

/** Makes a store look as a dead host leaves it. */
async function markRunning(
  folder: string,
  id: string,
  status: 'running' | 'pausing' | 'stopping' = 'running',
): Promise<void> {
  const { openStore } = await import('../../../core/store/index.ts')
  const store = openStore(join(folder, 'store.sqlite'))
  store.runs.change(id, { status })
  store.close()
}
