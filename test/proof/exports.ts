/**
 * What is exported, loaded by others: torchvision takes the safetensors strictly and gives our logits; onnx's own checker accepts the
 * ONNX files, and the lines of Python in README.txt name the class that `predict` names, where a Python has onnx and onnxruntime.
 * `node test/proof/exports.ts`; BENCH_PYTHON names the Python with torchvision, ONNX_PYTHON one with onnx, onnxruntime and PIL.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { startBackend } from '../../core/backend/index.ts'
import { exportCheckpoint, filesAsSplit, predict, type ExportFormat } from '../../core/exporting/index.ts'
import { findPyTorch } from '../bench/python.ts'
import { withScratch } from '../bench/scratch.ts'
import { savedCheckpoint } from '../unit/exporting/checkpoint.ts'
import { channelsFirst, difference, expected, images, quiet } from '../unit/exporting/sample.ts'

const tolerance = 1e-4
const size = 64
const imageCount = 3

const python = findPyTorch()
const onnxPython = process.env['ONNX_PYTHON'] ?? python ?? ''
if (python === null) throw new Error('No Python here has torch, torchvision, numpy and PIL')
await startBackend()
let problemCount = 0
for (const name of ['resnet18', 'resnet50', 'resnet152'])
  await withScratch(folder => prove(name, folder, python))
if (problemCount > 0) process.exitCode = 1

async function prove(name: string, folder: string, interpreter: string): Promise<void> {
  const { path, executor } = await savedCheckpoint(join(folder, 'run'), { name, size })
  const pixels = images(executor.graph, imageCount)
  const { logits } = expected(executor, pixels, imageCount)
  executor.dispose()
  const exported = async (format: ExportFormat): Promise<string> => {
    const choices = { outputs: null, size: null, weights: null, withPreprocessing: false, force: false }
    const order = { ...choices, fold: false, normaliseEmbedding: false, checkpointPath: path, format }
    return (await exportCheckpoint({ ...order, folder: join(folder, format) }, quiet)).folder
  }
  const weights = await exported('safetensors')
  const inputs = join(folder, 'images.bin')
  writeFileSync(inputs, channelsFirst(pixels, executor.graph.inputShape))
  const peer = join(import.meta.dirname, 'peers', 'exports.py')
  const theirs = JSON.parse(run(interpreter, [peer, weights, inputs])) as number[]
  say(`${name}: torchvision's logits`, difference(Float32Array.from(theirs), logits!))

  const onnx = await exported('onnx')
  if (!hasOnnx(onnxPython)) return console.log(`${name}: ${onnxPython} has no onnx and onnxruntime`)
  const check = 'import onnx; onnx.checker.check_model("model.onnx", full_check=True); print("ok")'
  console.log(`${name}: onnx.checker: ${run(onnxPython, ['-c', check], onnx).trim()}`)
  await photograph(join(onnx, 'photo.jpg'))
  const [, code] =
    /\nPython\n-+\n([\s\S]*?)\n\n[A-Z]/.exec(readFileSync(join(onnx, 'README.txt'), 'utf8')) ?? []
  const named = run(onnxPython, ['-c', code!], onnx).trim()
  const split = filesAsSplit([join(onnx, 'photo.jpg')])
  const order = { modelPath: path, images: split, top: 1, size: null, weights: null }
  const { predictions } = await predict({ ...order, startBackend: async () => {} }, quiet)
  const ours = predictions[0]!.classes[0]!.name
  console.log(`${name}: README.txt's Python says ${named}, predict says ${ours}`)
  if (named !== ours) problemCount++
}

function run(interpreter: string, args: readonly string[], cwd?: string): string {
  return execFileSync(interpreter, args, { encoding: 'utf8', ...(cwd === undefined ? {} : { cwd }) })
}

function hasOnnx(interpreter: string): boolean {
  return spawnSync(interpreter, ['-c', 'import onnx, onnxruntime, PIL']).status === 0
}

function say(what: string, apart: number): void {
  const isClose = apart < tolerance
  console.log(`${what}: ${apart.toExponential(1)} apart${isClose ? '' : `, more than ${tolerance}`}`)
  if (!isClose) problemCount++
}

async function photograph(path: string): Promise<void> {
  const width = 150
  const height = 110
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    return 128 + 100 * Math.sin(x / 17 + (at % 3)) * Math.cos(y / 23)
  })
  await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg()
    .toFile(path)
}
