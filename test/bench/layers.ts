/**
 * Each distinct layer of ResNet-50, forward and backward, ours beside PyTorch's: `node test/bench/layers.ts`. Two live processes take
 * turns layer by layer.
 *
 * --precision bf16 --batch 16 --size 224 --model resnet50 --backend torch --device cpu --budget 100 (ms per time) --alone
 */
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Layer, LayerTimes } from './oursLayers.ts'
import { findPyTorch } from './python.ts'
import { openOurs, openPyTorch, type Side } from './side.ts'

export interface LayersOptions {
  readonly model: string
  readonly precision: string
  readonly batch: number
  readonly size: number
  readonly backend: string
  readonly device: string
  readonly budgetMs: number
  readonly python: string | null
}

export interface LayerRow extends Layer {
  readonly ours: LayerTimes
  readonly pytorch: LayerTimes | null
}

export async function compareLayers(options: LayersOptions): Promise<LayerRow[]> {
  const ours = openOurs('oursLayers.ts')
  const pytorch = options.python === null ? null : openPyTorch(options.python, 'layers.py')
  const { budgetMs } = options
  try {
    const layers = await ours.ask<Layer[]>('prepare', options)
    await pytorch?.ask('prepare', options)
    const rows: LayerRow[] = []
    for (const [index, layer] of layers.entries()) {
      await pause(20)
      const mine = await ours.ask<LayerTimes>('time', { index, budgetMs })
      await pause(20)
      rows.push({ ...layer, ours: mine, pytorch: pytorch && (await theirTime(pytorch, layer, budgetMs)) })
    }
    return rows
  } finally {
    await ours.close()
    await pytorch?.close()
  }
}

/** Null where PyTorch has no such operation in this precision. */
async function theirTime(side: Side, layer: Layer, budgetMs: number): Promise<LayerTimes | null> {
  try {
    return await side.ask<LayerTimes>('time', { layer, budgetMs })
  } catch (error) {
    console.error(String(error))
    return null
  }
}

export function printLayers(rows: readonly LayerRow[]): void {
  console.log(
    '  n  layer                                                   forward ms         backward ms     ratio',
  )
  const cell = (value: number | undefined): string =>
    (value === undefined ? '–' : value.toFixed(2)).padStart(7)
  for (const { count, label, ours, pytorch } of rows) {
    const ratio = pytorch
      ? (pytorch.forwardMs + pytorch.backwardMs) / (ours.forwardMs + ours.backwardMs)
      : undefined
    const forward = `${cell(ours.forwardMs)} /${cell(pytorch?.forwardMs)}`
    const backward = `${cell(ours.backwardMs)} /${cell(pytorch?.backwardMs)}`
    console.log(`${String(count).padStart(3)}  ${label.padEnd(52)} ${forward}   ${backward}  ${cell(ratio)}`)
  }
  const sum = (of: (row: LayerRow) => number): string =>
    rows.reduce((total, row) => total + row.count * of(row), 0).toFixed(0)
  const both = (times: LayerTimes | null): number => (times ? times.forwardMs + times.backwardMs : NaN)
  console.log(
    `all layers of the network: ours ${sum(row => both(row.ours))} ms, PyTorch ${sum(row => both(row.pytorch))} ms`,
  )
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string', default: 'resnet50' },
      precision: { type: 'string', default: 'bf16' },
      batch: { type: 'string', default: '16' },
      size: { type: 'string', default: '224' },
      backend: { type: 'string', default: 'torch' },
      device: { type: 'string', default: 'cpu' },
      budget: { type: 'string', default: '100' },
      alone: { type: 'boolean', default: false },
    },
  })
  const { model, precision, backend, device } = values
  const numbers = { batch: Number(values.batch), size: Number(values.size), budgetMs: Number(values.budget) }
  const python = values.alone ? null : findPyTorch()
  console.log(`${model}, ${precision}, batch ${values.batch}, ${values.size}²: ours / PyTorch`)
  printLayers(await compareLayers({ model, precision, backend, device, python, ...numbers }))
}

if (import.meta.main) await main()
