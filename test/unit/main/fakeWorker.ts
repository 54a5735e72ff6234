/** Stands in for the worker process: answers every task at once with made-up values. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { FromWorker, ToWorker } from '../../../core/processes/protocol.ts'
import { fakeComparisons } from './fakeComparisons.ts'
import { fakeGallery } from './fakeGallery.ts'

const cancelled = new Set<string>()

const figures = { split: 'val', top1: 0.9, top5: 0.99, loss: 0.3, imageCount: 100, skippedCount: 0 }
/** A white pixel. */
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

function valueOf(task: string, input: Record<string, unknown>): unknown {
  const splits = [
    { name: 'train', count: 20, classCounts: [10, 10] },
    { name: 'val', count: 4, classCounts: [2, 2] },
  ]
  if (task === 'scan') {
    if (String(input['path']).includes('broken')) throw new Error('two classes are needed')
    writeFileSync(String(input['indexPath']), 'index')
    const problems = [{ file: 'a.png', problem: 'truncated' }]
    const imageSize = { width: 28, height: 28, channels: 1 }
    return { reader: 'idx', options: {}, classes: ['0', '1'], splits, imageSize, problems }
  }
  if (task === 'prepare-sample') return { path: input['folder'], reader: 'idx' }
  if (task === 'evaluate') {
    const path = String(input['reportPath'])
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, JSON.stringify({ classes: [], confusions: [], calibration: [], queries: [] }))
    return figures
  }
  if (task === 'export-checkpoint') return { folder: input['folder'], sizeBytes: 10 }
  if (task === 'look-at-image') {
    const classes = [{ name: '1', index: 1, probability: 0.9 }]
    const region = { x: 0, y: 0, width: 1, height: 1 }
    const map = {
      height: 1,
      width: 2,
      values: Float32Array.of(0, 1),
      label: 1,
      className: '1',
      probability: 0.9,
    }
    return { name: 'a', classes, map: 'label' in input ? { ...map, region } : null }
  }
  if (task === 'browse')
    return {
      total: 2,
      items: ['a', 'b'].map((name, index) => ({
        ...{ index, label: index, scannedLabel: index, name, width: 8, height: 8, fileBytes: 0 },
        ...{ tags: [], problem: null },
      })),
    }
  if (task === 'matching-images') return { total: 2, indices: [0, 1] }
  if (task === 'name-images')
    return (input['indices'] as number[]).map(index => ({ index, name: `image ${index}`, className: '0' }))
  if (task === 'measure-images') return { brokenCount: 0 }
  if (task === 'image-statistics') return null
  if (task === 'duplicates') {
    const twin = (split: string) => ({ split, index: 0, label: 1, name: `${split}.png` })
    return {
      ...{ imageCount: 24, skippedCount: 0, pairCount: 1 },
      counts: [{ splits: ['train', 'val'], exact: 1, near: 0, differentLabels: 0 }],
      pairs: [{ first: twin('train'), second: twin('val'), isExact: true, distance: 0, similarity: 1 }],
    }
  }
  if (task === 'retrieval-truth') {
    const image = { index: 0, label: 0, className: '0', name: 'a' }
    const counts = { easy: 1, hard: 0, junk: 0 }
    return {
      ...{ protocol: 'plain', total: 1 },
      queries: [{ ...image, easyCount: 1, hardCount: 0, junkCount: 0 }],
      answers: { query: image, box: null, self: null, easy: [image], hard: [], junk: [], counts },
    }
  }
  if (task === 'look-into-folder') return { folders: ['a'], isCut: false, fileCount: 1, recognised: null }
  if (task === 'thumbnail') {
    const indices = input['indices'] as number[]
    return indices.map(index => ({
      index,
      bytes: index === 13 ? null : png,
      type: 'image/png',
      problem: index === 13 ? 'truncated' : '',
    }))
  }
  if (task === 'image') return { bytes: png, type: 'image/png' }
  if (task === 'batch')
    return { epoch: 0, total: 1, split: 'train', images: [{ index: 0, label: 0, name: 'a.png', copies: 1 }] }
  if (task === 'augmented') {
    const drawn = { bytes: png, type: 'image/png' }
    return { size: 8, validation: [drawn], train: (input['draws'] as unknown[]).map(() => drawn) }
  }
  if (task === 'study') {
    const reliability = { bins: [], ece: NaN, mce: NaN }
    return {
      ...{ imageCount: 0, hasLogits: false, classes: [], cells: [], order: [], coverage: [] },
      ...{ byWidth: reliability, byMass: reliability, temperature: null },
    }
  }
  if (task === 'study-curves') return []
  if (task === 'study-images') return { total: 0, place: null, items: [] }
  if (task === 'measure-folders')
    return { sizes: (input['paths'] as string[]).map(() => ({ bytes: 10, files: 1 })), freeBytes: null }
  if (task === 'verify-checkpoint') return { status: 'valid', detail: 'All hashes agree' }
  if (task === 'plan') {
    return {
      issues: [],
      config: input['config'],
      parameterCount: 1,
      macs: 1,
      stepsPerEpoch: 1,
      totalSteps: 1,
      checkpointBytes: 1,
      stepBytes: 1,
      needs: null,
      learningRate: [],
    }
  }
  if (task === 'gpus') return []
  if (task === 'plan-sweep') return planned(input)
  if (task in fakeComparisons) return fakeComparisons[task]
  if (task.startsWith('gallery-')) return fakeGallery(task, input)
  return { backends: [], chosen: 'cpu', reason: 'a fake', advice: [], checks: [] }
}

/** The real plan: runs need whole configurations. */
async function planned(input: Record<string, unknown>): Promise<unknown> {
  const { planSweep } = await import('../../../core/processes/tasks/plan-sweep.ts')
  return planSweep.run(input as never, undefined as never)
}

async function run(id: string, task: string, input: Record<string, unknown>): Promise<void> {
  const say = (message: FromWorker): void => void process.send?.(message)
  say({ type: 'progress', id, progress: { phase: task, done: 0, total: 1, etaMs: null } })
  const path = JSON.stringify(input)
  if (path.includes('crash')) process.exit(9)
  while (path.includes('slow') && !cancelled.has(id)) await new Promise(resolve => setTimeout(resolve, 5))
  try {
    if (cancelled.has(id)) throw new Error('cancelled')
    say({ type: 'done', id, value: await valueOf(task, input) })
  } catch (thrown) {
    const code = cancelled.has(id) ? 'cancelled' : 'data-invalid'
    say({ type: 'failed', id, error: { code, message: (thrown as Error).message, details: {} } })
  }
}

process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') cancelled.add(message.id)
  else void run(message.id, message.task, message.input as Record<string, unknown>)
})
