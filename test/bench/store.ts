/** Prints how fast the store is: `node test/bench/store.ts`. Figures are of this machine, at this moment. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract, serve, type Handlers, type WorkbenchContract } from '../../core/contract/index.ts'
import { openStore } from '../../core/store/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'multigrain-bench-'))
const store = openStore(join(folder, 'store.sqlite'))
store.datasets.create({
  id: 'd',
  name: 'd',
  path: '/d',
  reader: 'idx',
  options: {},
  isSample: false,
  createdAt: 1,
})

function timed(what: string, work: () => unknown): void {
  const startMs = performance.now()
  const result = work()
  console.log(
    `${what}: ${(performance.now() - startMs).toFixed(1)} ms${result === undefined ? '' : ` (${String(result)})`}`,
  )
}

function addRun(number: number): void {
  store.runs.create({
    ...{
      id: `r-${number}`,
      name: `run ${number}`,
      datasetId: 'd',
      datasetName: 'd',
      model: 'resnet50',
      backend: 'wasm',
    },
    ...{ totalEpochs: 90, config: { notes: 'x'.repeat(2000) }, createdAt: number },
  })
}

addRun(1)
const run = store.runs.number('r-1')

timed('insert 1,000,000 values of 200,000 steps, 1000 steps a transaction', () => {
  for (let at = 0; at < 200_000; at += 1000) {
    const points = Array.from({ length: 1000 }, (_, index) => {
      const step = at + index
      const loss = 1 / (1 + step) + Math.sin(step)
      const values = {
        'train/loss': loss,
        'train/totalLoss': loss,
        'train/lr': 0.1,
        'train/top1': 0.5,
        'train/imagesPerSecond': 500,
      }
      return { step, epoch: step / 5000, wallMs: step * 20, values }
    })
    store.metrics.append(run, 1, points)
  }
})
timed('read 5 curves of 200,000 points each, 1000 buckets', () => {
  const curves = store.metrics.read(run, { names: [], fromStep: null, toStep: null, maxPoints: 1000 })
  return curves.map(curve => curve.step.length).join(', ')
})
timed('insert 2000 batches of 5 steps × 5 values', () => {
  for (let batch = 0; batch < 2000; batch++) {
    const points = Array.from({ length: 5 }, (_, index) => {
      const step = 200_000 + batch * 5 + index
      const values = {
        'train/loss': 1,
        'train/totalLoss': 1,
        'train/lr': 0.1,
        'train/top1': 0.5,
        'train/imagesPerSecond': 500,
      }
      return { step, epoch: step / 5000, wallMs: step * 20, values }
    })
    store.metrics.append(run, 1, points)
  }
})
timed('make 10,000 runs', () =>
  store.write(() => Array.from({ length: 10_000 }, (_, index) => addRun(index + 2)).length),
)
timed('list 10,001 runs, first time', () => store.runs.list(false).length)
timed('list 10,001 runs, again', () => store.runs.list(false).length)

const list = () => store.runs.list(false).map(each => ({ ...each, progress: null }))
const handlers = new Proxy(
  {},
  { get: () => new Proxy({}, { get: () => list }) },
) as Handlers<WorkbenchContract>
const send = serve(contract, handlers)
for (const pass of ['first time', 'again']) {
  const startMs = performance.now()
  const reply = await send({ call: 'runs.list', input: {} })
  const elapsedMs = performance.now() - startMs
  console.log(`list 10,001 runs through the contract, ${pass}: ${elapsedMs.toFixed(1)} ms (ok: ${reply.ok})`)
}
let longestMs = 0
timed('purge the run of 210,000 steps, in all', () => {
  for (let isDone = false; !isDone;) {
    const startMs = performance.now()
    isDone = store.write(() => store.runs.purge('r-1', 5000))
    longestMs = Math.max(longestMs, performance.now() - startMs)
  }
})
console.log(`purge: the longest part took ${longestMs.toFixed(1)} ms`)
store.close()
console.log(`store: ${(statSync(join(folder, 'store.sqlite')).size / 1e6).toFixed(0)} MB`)
rmSync(folder, { recursive: true })
