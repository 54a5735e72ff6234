/**
 * What is exported, loaded by others: torchvision takes the safetensors strictly and gives our logits; onnx's own checker accepts the
 * ONNX files, where a Python has onnx and onnxruntime; the lines in README.txt name the class that `predict` names.
 * `node test/proof/exports.ts`; BENCH_PYTHON names the Python with torchvision, ONNX_PYTHON one with onnx, onnxruntime and PIL.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { startBackend } from '../../core/backend/index.ts'
import { exportCheckpoint, filesAsSplit, predict, type ExportFormat } from '../../core/exporting/index.ts'
import { findPyTorch } from '../bench/python.ts'
import { withScratch } from '../bench/scratch.ts'
import { savedCheckpoint } from '../unit/exporting/checkpoint.ts'
import { channelsFirst, difference, expected, images, quiet } from '../unit/exporting/sample.ts'

const tolerance = 1e-4
/** Other programs decode and shrink a little differently. */
const noteTolerance = 1e-3
const size = 64
const imageCount = 3

/** Ways to prepare images that README.txt writes lines for. */
const evaluations = [
  ['resize-exact'],
  [{ name: 'resize', options: { shorterSide: 70 } }, 'center-crop'],
  [{ name: 'central-crop', options: { resizing: 'antialiased' } }],
  ['central-crop'],
]

const python = findPyTorch()
const onnxPython = process.env['ONNX_PYTHON'] ?? python ?? ''
if (python === null) throw new Error('No Python here has torch, torchvision, numpy and PIL')
await startBackend()
let problemCount = 0
for (const name of ['resnet18', 'resnet50', 'resnet152'])
  await withScratch(folder => prove(name, folder, python))
for (const evaluation of evaluations)
  for (const withPreprocessing of [false, true])
    await withScratch(folder => proveNote(evaluation, withPreprocessing, folder))
if (problemCount > 0) process.exitCode = 1

async function prove(name: string, folder: string, interpreter: string): Promise<void> {
  const { path, executor } = await savedCheckpoint(join(folder, 'run'), { name, size })
  const pixels = images(executor.graph, imageCount)
  const { logits } = expected(executor, pixels, imageCount)
  executor.dispose()
  const exported = async (format: ExportFormat): Promise<string> => {
    const choices = {
      outputs: null,
      size: null,
      weights: null,
      power: null,
      withPreprocessing: false,
      force: false,
    }
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
}

/** Runs the lines of README.txt as they stand. */
async function proveNote(evaluation: unknown, withPreprocessing: boolean, folder: string): Promise<void> {
  const { path, executor } = await savedCheckpoint(join(folder, 'run'), { size, evaluation })
  executor.dispose()
  const out = join(folder, 'onnx')
  const choices = { outputs: null, size: null, weights: null, power: null, withPreprocessing, force: false }
  const order = {
    ...choices,
    fold: true,
    normaliseEmbedding: false,
    checkpointPath: path,
    format: 'onnx' as const,
  }
  await exportCheckpoint({ ...order, folder: out }, quiet)
  await photograph(join(out, 'photo.jpg'))
  const note = readFileSync(join(out, 'README.txt'), 'utf8')
  const [, inPython, inJavaScript] = /\nPython\n-+\n([\s\S]*)\nJavaScript\n-+\n([\s\S]*)$/.exec(note) ?? []
  symlinkSync(join(import.meta.dirname, '..', '..', 'node_modules'), join(out, 'node_modules'))
  const images = filesAsSplit([join(out, 'photo.jpg')])
  const asked = { modelPath: path, images, top: 7, size: null, weights: null, power: null }
  const { predictions } = await predict({ ...asked, startBackend: async () => {} }, quiet)
  const wanted = predictions[0]!.classes
  writeFileSync(join(out, 'note.mjs'), `${inJavaScript!}\nconsole.log(JSON.stringify([...logits.data]))`)
  const answers = [
    ['JavaScript', run(process.execPath, ['note.mjs'], out)],
    ...(hasOnnx(onnxPython)
      ? [['Python', run(onnxPython, ['-c', `${inPython!}\nprint(logits[0].tolist())`], out)]]
      : []),
  ]
  for (const [language, answer] of answers) {
    const [name, logits] = answer!.trim().split('\n')
    const powers = (JSON.parse(logits!) as number[]).map(Math.exp)
    const sum = powers.reduce((total, value) => total + value, 0)
    const apart = Math.max(...wanted.map(each => Math.abs(each.probability - powers[each.index]! / sum)))
    const isClose = apart < noteTolerance && name === wanted[0]!.name
    const what = `${JSON.stringify(evaluation)}${withPreprocessing ? ', normalised within' : ''}`
    console.log(
      `README.txt's ${language} for ${what}: ${name}, probabilities ${apart.toExponential(1)} apart`,
    )
    if (!isClose) problemCount++
  }
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
