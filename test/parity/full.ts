/**
 * Every value of every gradient of ResNet-50 against PyTorch in float64, computed on the spot: node test/parity/full.ts. The tests
 * keep sketches of the same gradients; this compares them whole. Needs python3 with torch and torchvision (Debian: python3-torch,
 * python3-torchvision); PARITY_PYTHON names another one.
 *
 * Options: --model resnet18 --size 48 --batch 2 --classes 1000 --seed 5 --backend wasm
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { startBackend } from '../../core/backend/index.ts'
import { createExecutor, type Executor } from '../../core/graph/index.ts'
import { models } from '../../core/models/index.ts'
import { crossEntropyOf, relativeError } from './compare.ts'
import { fillByFormula, formulaImages, formulaLabels, inTorchOrder } from './formula.ts'

interface Index {
  readonly logits: readonly number[]
  readonly loss: number
  readonly tensors: readonly { readonly name: string; readonly size: number }[]
}

const limit = 1e-5

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'resnet50' },
    size: { type: 'string', default: '48' },
    batch: { type: 'string', default: '2' },
    classes: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '5' },
    backend: { type: 'string', default: 'wasm' },
  },
})
const [size, batch, classes, seed] = [options.size, options.batch, options.classes, options.seed].map(
  Number,
) as [number, number, number, number]

const folder = mkdtempSync(join(tmpdir(), 'parity-'))
try {
  runPython(folder)
  await startBackend(options.backend)
  const shape = { height: size, width: size, channels: 3, classCount: classes }
  const executor = createExecutor(models.create({ name: options.model })(shape), { seed: 0 })
  fillByFormula(executor, seed)
  report(errorsOf(executor, folder))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function runPython(into: string): void {
  const script = fileURLToPath(new URL('./fixtures/make_full.py', import.meta.url))
  const python = process.env['PARITY_PYTHON'] ?? '/usr/bin/python3'
  const args = [script, options.model, options.size, options.batch, options.classes, options.seed, into]
  const { status, error } = spawnSync(python, args, { stdio: 'inherit' })
  if (status !== 0)
    throw new Error(
      `${python} with torch and torchvision is needed: ${error?.message ?? `exit code ${status}`}`,
    )
}

/** Relative L2 error of the logits, the loss and every gradient. */
function errorsOf(executor: Executor, from: string): Map<string, number> {
  const index = JSON.parse(readFileSync(join(from, 'index.json'), 'utf8')) as Index
  const references = referencesOf(index, join(from, 'gradients.bin'))
  const images = formulaImages(seed, [batch, size, size, 3])
  const errors = new Map<string, number>()
  const { loss, outputs } = executor.train(images, crossEntropyOf(formulaLabels(batch, classes), classes), {
    seed: 0,
    frozenBatchNorm: true,
    onGradient: ({ name }, gradient) => {
      errors.set(name, relativeError(inTorchOrder(gradient), references(name)))
      gradient.dispose()
    },
  })
  errors.set('logits', relativeError(outputs['logits']!.dataSync(), index.logits))
  errors.set('loss', relativeError(loss.dataSync(), [index.loss]))
  tf.dispose([loss, outputs, images])
  if (errors.size !== index.tensors.length + 2)
    throw new Error(`expected ${index.tensors.length} gradients, got ${errors.size - 2}`)
  return errors
}

function referencesOf(index: Index, path: string): (name: string) => Float64Array {
  const file = openSync(path, 'r')
  const starts = new Map<string, { start: number; size: number }>()
  let start = 0
  for (const tensor of index.tensors) {
    starts.set(tensor.name, { start, size: tensor.size })
    start += tensor.size
  }
  return name => {
    const place = starts.get(name)
    if (!place) throw new Error(`PyTorch has no parameter '${name}'`)
    const values = new Float64Array(place.size)
    readSync(file, new Uint8Array(values.buffer), 0, values.byteLength, place.start * 8)
    return values
  }
}

function report(errors: ReadonlyMap<string, number>): void {
  const sorted = [...errors].sort((a, b) => b[1] - a[1])
  for (const [name, error] of sorted.slice(0, 10)) console.log(`${error.toExponential(2)}  ${name}`)
  const failed = sorted.filter(([, error]) => !(error <= limit)).length
  console.log(
    `${sorted.length - failed} of ${sorted.length} within ${limit} of PyTorch in float64 (logits ${errors.get('logits')!.toExponential(2)})`,
  )
  process.exitCode = failed === 0 ? 0 : 1
}
