/** A data folder with ten thousand runs, ten million values, and one curve of a million points. */
import { join } from 'node:path'
import { openStore, type Store } from '../../../core/store/index.ts'
import { copyTrainedHome } from '../../e2e/fixtures/trainedHome.ts'

export const millionRun = 'r-million'
/** Where its one spike is, and how high. */
export const spike = { step: 612_345, value: 77 }

const runCount = 10_000
const stepsPerRun = 250
const series = ['train/loss', 'train/top1', 'train/lr', 'val/loss']

/** Some minutes, and about a gigabyte. @param home is not there yet. */
export async function makeBigHome(home: string): Promise<void> {
  await copyTrainedHome(home)
  const store = openStore(join(home, 'store.sqlite'))
  const dataset = store.datasets.list()[0]!
  const add = (id: string, name: string): number => {
    store.runs.create({
      ...{ id, name, datasetId: dataset.id, datasetName: dataset.name, model: 'resnet50', backend: 'torch' },
      ...{ totalEpochs: 90, config: { notes: 'made' }, createdAt: Date.now() },
    })
    store.runs.change(id, { status: 'finished', step: stepsPerRun, totalSteps: stepsPerRun, trainLoss: 1 })
    store.runs.dequeue(id)
    return store.runs.number(id)
  }
  for (let first = 0; first < runCount; first += 100) {
    store.write(() => {
      for (let index = first; index < first + 100; index++)
        fill(store, add(`r-made-${index}`, `made ${index}`), index)
    })
  }
  const million = add(millionRun, 'a million points')
  for (let at = 0; at < 1_000_000; at += 5000) {
    const points = Array.from({ length: 5000 }, (_, index) => {
      const step = at + index
      const loss =
        step === spike.step ? spike.value : 1 + Math.sin(step / 40_000) + 0.3 * Math.sin(step * 1.7)
      return { step, epoch: step / 5000, wallMs: 1e12 + step * 20, values: { 'train/loss': loss } }
    })
    store.write(() => store.metrics.append(million, 1, points))
  }
  store.close()
}

function fill(store: Store, run: number, seed: number): void {
  store.attempts.begin(run, 1e12, 0)
  const points = Array.from({ length: stepsPerRun }, (_, step) => {
    const values = Object.fromEntries(
      series.map((name, index) => [name, Math.sin(step * (index + 1) + seed)]),
    )
    return { step, epoch: step / 50, wallMs: 1e12 + step * 100, values }
  })
  store.metrics.append(run, 1, points)
}
