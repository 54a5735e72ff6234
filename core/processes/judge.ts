/** Judges a checkpoint as an evaluation's settings say, and writes down everything in detail. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readState } from '../checkpoints/index.ts'
import { evaluate } from '../evaluation/index.ts'
import type { Judged } from '../evaluation/classifyViews.ts'
import { createReport } from '../evaluation/classificationReport.ts'
import { createPredictions } from '../evaluation/predictions.ts'
import { predictionsPath, writePredictions } from '../evaluation/predictionsFile.ts'
import type { StartBackend } from '../evaluation/startForRun.ts'
import type { View } from '../evaluation/view.ts'
import { evaluateRetrieval } from '../retrieval/evaluateRetrieval.ts'
import { bestPower, tunePower } from '../retrieval/tunePower.ts'
import { networkOptions, watchedBy } from './networkOptions.ts'
import type { EvaluationFigures, TaskInput, TaskWatcher } from './protocol.ts'
import { classificationReport, retrievalFigures, retrievalReport } from './reports.ts'

type Order = TaskInput<'evaluate'> & { readonly startBackend: StartBackend }
type Settings = NonNullable<Order['settings']>

const plain: Settings = {
  ...{ kind: 'classification', size: null, resize: 'square', crops: 1, weights: null },
  ...{ power: null, gallery: null, whiten: null, queries: null },
}

/** Powers that are tried where the best is asked for. */
export const gridPowers = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8] as const

/** @throws AppError cancelled, and what evaluations throw. */
export async function judge(order: Order, watcher: TaskWatcher): Promise<EvaluationFigures> {
  const settings = order.settings ?? plain
  const { view, weights, power: fixed } = networkOptions(settings)
  const watched = watchedBy(watcher)
  const common = { ...order, view, weights }
  const tuned =
    settings.power === 'tune' ? never((await tunePower({ ...common, split: 'train' }, watched))?.power) : null
  const measure = (power: number | undefined, reportPath: string | undefined) => {
    const own = { ...common, power, reportPath }
    return settings.kind === 'retrieval' ? byRetrieval(own, settings, watched) : byClass(own, watched)
  }
  const chosen =
    settings.power === 'grid'
      ? never(await bestPower(gridPowers, async power => scoreOf(await measure(power, undefined)))).power
      : tuned
  return { ...(await measure(chosen ?? fixed, order.reportPath)), power: chosen }
}

/** What a power is chosen by: mAP, or top-1. */
function scoreOf({ retrieval, top1 }: Omit<EvaluationFigures, 'power'>): number {
  const medium = retrieval?.find(({ difficulty }) => difficulty === 'medium')
  return medium?.map ?? top1 ?? 0
}

type Common = Omit<Order, 'settings' | 'reportPath'> & {
  readonly reportPath: string | undefined
  readonly view: View
  readonly weights: 'raw' | 'ema' | undefined
  readonly power: number | undefined
}
type Watched = ReturnType<typeof watchedBy>

async function byClass(order: Common, watched: Watched): Promise<Omit<EvaluationFigures, 'power'>> {
  const { classes } = await readState(order.checkpointPath)
  const tally = createReport(classes.length)
  const said = order.reportPath === undefined ? null : createPredictions(classes.length)
  const tell = (judged: Judged): void => {
    tally.add(judged)
    said?.add(judged)
  }
  const figures = never(
    await evaluate(
      { ...order, tell },
      { ...watched, progress: (done, total) => watched.progress('evaluating', done, total) },
    ),
  )
  const report = tally.value()
  if (order.reportPath !== undefined && said !== null) {
    await mkdir(dirname(order.reportPath), { recursive: true })
    const facts = { checkpoint: order.checkpointPath, split: figures.split }
    await writePredictions(predictionsPath(order.reportPath), said.value(), facts)
  }
  // The report last: where it is, the predictions are too.
  await write(order.reportPath, () => classificationReport(report, classes))
  return { ...figures, calibrationError: finite(report.ece), retrieval: null }
}

async function byRetrieval(
  order: Common,
  { gallery, whiten, queries }: Settings,
  watched: Watched,
): Promise<Omit<EvaluationFigures, 'power'>> {
  const { reportPath } = order
  const whiteningPath = reportPath?.replace(/(\.json)?$/, '.whitening.safetensors')
  if (whiteningPath !== undefined && whiten !== null) await mkdir(dirname(whiteningPath), { recursive: true })
  const made = never(await evaluateRetrieval({ ...order, gallery, whiten, queries, whiteningPath }, watched))
  await write(reportPath, () => retrievalReport(made))
  const { split, imageCount, skippedCount } = made
  const none = { top1: null, top5: null, loss: null, calibrationError: null }
  return { split, imageCount, skippedCount, ...none, retrieval: retrievalFigures(made) }
}

/** Whole or not at all. */
async function write(path: string | undefined, report: () => unknown): Promise<void> {
  if (path === undefined) return
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.new`
  try {
    await writeFile(temporary, JSON.stringify(report()))
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** A cancelled evaluation has thrown before it gives nothing. */
function never<T>(value: T | null | undefined): T {
  if (value != null) return value
  throw new Error('The evaluation ended without figures')
}
