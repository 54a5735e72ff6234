import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startBench, waitFor } from './fixture.ts'

/**
 * Share of a core that a host may take while a run logs every step. The bar is 2 %; processor time is counted, not time on the
 * clock, yet neighbours that empty the caches and a slow machine make it more: half as much again is allowed for them.
 */
const mostShare = 0.03

test('a host with a run of 20 steps a second leaves the processor to training', async t => {
  const trainerEntry = join(import.meta.dirname, '..', '..', 'bench', 'busyTrainer.ts')
  const bench = await startBench(t, { trainerEntry })
  // The busy trainer does as many steps a second as its seed says.
  const id = await bench.addRun(await bench.addDataset(), 20)
  await waitFor(async () => (await bench.call.runs.get({ id })).step > 0)
  await pause(1500) // what is compiled and loaded once is no cost of a step
  const stepBefore = (await bench.call.runs.get({ id })).step
  const [before, startMs] = [process.cpuUsage(), performance.now()]
  await pause(5000)
  const { user, system } = process.cpuUsage(before)
  const share = (user + system) / 1000 / (performance.now() - startMs)
  const steps = (await bench.call.runs.get({ id })).step - stepBefore
  t.diagnostic(`${(100 * share).toFixed(2)} % of a core for ${steps} steps in 5 s`)
  assert.ok(steps > 50, `${steps} steps came`)
  assert.ok(share < mostShare, `${(100 * share).toFixed(2)} % of a core`)
  await bench.call.runs.stop({ id })
  await bench.until(id, 'stopped')
})

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
