/** Exports a checkpoint into a folder: the model, how to prepare images for it, and a note on how to use it. */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import packageInfo from '../../package.json' with { type: 'json' }
import { AppError } from '../errors/index.ts'
import { folded } from './fold.ts'
import type { ExportFormat } from './formats.ts'
import { elementCount, networkOf, type Network } from './network.ts'
import { writeOnnx } from './onnx/writeOnnx.ts'
import { describeTransforms, preprocessingFile, type Preprocessing } from './preprocessing.ts'
import { readme } from './readme/readme.ts'
import { openSource, type Source, type SourceOptions, type WeightsKind } from './source.ts'
import { writeTfjs } from './tfjs/writeTfjs.ts'
import type { ExportWatcher } from './writeParts.ts'
import { writeSafetensors } from './writeSafetensors.ts'

export interface ExportOrder extends SourceOptions {
  readonly checkpointPath: string
  /** Folder to be made. */
  readonly folder: string
  readonly format: ExportFormat
  /** Roles; null: logits and embedding, as far as the network has them. */
  readonly outputs: readonly string[] | null
  /** Fold batch norms into the convolutions before them. */
  readonly fold: boolean
  /** Let the model take pixels from 0 to 255 and normalise them itself. */
  readonly withPreprocessing: boolean
  readonly normaliseEmbedding: boolean
  /** Replace an earlier export. */
  readonly force: boolean
}

export interface ExportReport {
  readonly folder: string
  readonly format: ExportFormat
  readonly weights: WeightsKind
  readonly outputs: Preprocessing['outputs']
  readonly parameterCount: number
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[]
  readonly sizeBytes: number
}

/** Name of the model's file in the folder. */
export const modelFiles: Readonly<Record<ExportFormat, string>> = {
  onnx: 'model.onnx',
  safetensors: 'model.safetensors',
  tfjs: 'model.json',
}

/**
 * The folder appears whole or not at all.
 * @throws AppError conflict when the folder has something in it; invalid-request, checkpoint-damaged, checkpoint-mismatch;
 * disk-full or data-unreadable; cancelled.
 */
export async function exportCheckpoint(order: ExportOrder, watcher: ExportWatcher): Promise<ExportReport> {
  checkOptions(order)
  const folder = resolve(order.folder)
  await checkFree(folder, order.force)
  watcher.progress('reading', 0, 0)
  const source = await openSource(order.checkpointPath, order)
  watcher.throwIfCancelled()
  const whole = networkOf(source.graph, source.tensors, order.outputs ?? undefined)
  const network = order.fold ? folded(whole) : whole
  const temporary = join(dirname(folder), `.exporting-${basename(folder)}-${process.pid}`)
  try {
    await rm(temporary, { recursive: true, force: true })
    await mkdir(temporary, { recursive: true })
    const preprocessing = preprocessingOf(order, source, network)
    await write(temporary, order, source, network, watcher)
    await writeFile(join(temporary, preprocessingFile), `${JSON.stringify(preprocessing, null, 2)}\n`)
    await writeFile(join(temporary, 'README.txt'), readme(preprocessing))
    watcher.throwIfCancelled()
    await moveIntoPlace(temporary, folder)
    const files = await filesOf(folder)
    const parameterCount = whole.graph.nodes
      .flatMap(node => node.parameters)
      .reduce((sum, { shape }) => sum + elementCount(shape), 0)
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
    const { format, weights, outputs } = preprocessing
    return { folder, format, weights, outputs, parameterCount, files, sizeBytes }
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {})
    throw AppError.from(thrown, `Exporting to ${folder}`)
  }
}

async function write(
  folder: string,
  order: ExportOrder,
  source: Source,
  network: Network,
  watcher: ExportWatcher,
): Promise<void> {
  const path = join(folder, modelFiles[order.format])
  const { mean, std } = source.config.input
  const metadata = {
    classes: JSON.stringify(source.classes),
    network: source.config.model.name,
    mean: JSON.stringify(mean),
    std: JSON.stringify(std),
    run: source.origin.runId,
    step: String(source.origin.step),
  }
  const options = {
    normalisation: order.withPreprocessing ? { mean, std } : undefined,
    normalisesEmbedding: order.normaliseEmbedding,
    description: `${source.config.model.name}, trained by the Multigrain Workbench. preprocessing.json says what it takes`,
    producerVersion: packageInfo.version,
    metadata,
  }
  if (order.format === 'onnx') await writeOnnx(path, network, options, watcher)
  else if (order.format === 'tfjs') await writeTfjs(folder, network, options, watcher)
  else await writeSafetensors(path, network, { batches: source.origin.step, metadata }, watcher)
}

function preprocessingOf(order: ExportOrder, source: Source, { graph }: Network): Preprocessing {
  const [height, width, channels] = graph.inputShape
  const { input } = source.config
  const { format, withPreprocessing } = order
  const pixels = format === 'onnx' ? 'uint8' : 'int32'
  const shapes = new Map(graph.nodes.map(node => [node.name, node.shape]))
  return {
    formatVersion: 1,
    format,
    network: source.network,
    input: {
      name: 'images',
      ...{ height, width, channels: channels as 1 | 3 },
      channelOrder: channels === 3 ? 'RGB' : 'grey',
      layout: format === 'tfjs' || withPreprocessing ? 'NHWC' : 'NCHW',
      dtype: withPreprocessing ? pixels : 'float32',
      formula: withPreprocessing ? null : '(pixel / 255 - mean) / std, per channel',
      mean: input.mean,
      std: input.std,
    },
    outputs: Object.fromEntries(
      Object.entries(graph.outputs).map(([role, name]) => [role, ['N', ...shapes.get(name)!]]),
    ),
    ...describeTransforms(source.transforms, { height, width }),
    transforms: [...source.transforms],
    classes: [...source.classes],
    weights: source.weights,
    normalisedEmbedding: order.normaliseEmbedding,
    origin: source.origin,
  }
}

/** A file of weights says nothing of what is computed with them. */
function checkOptions({ format, fold, withPreprocessing, normaliseEmbedding }: ExportOrder): void {
  if (format !== 'safetensors') return
  const options = { fold, 'with-preprocessing': withPreprocessing, 'normalise-embedding': normaliseEmbedding }
  const field = Object.entries(options).find(([, isWanted]) => isWanted)?.[0]
  if (field === undefined) return
  const message = `${field}: a safetensors file holds weights alone. Use --format onnx or tfjs`
  throw new AppError('invalid-request', message, { field, value: true })
}

/** Only what was exported before is replaced: whatever else lies there is somebody's. */
async function checkFree(folder: string, force: boolean): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw AppError.from(error, folder)
  })
  if (names.length === 0) return
  const isExport = names.includes(preprocessingFile)
  if (isExport && force) return
  const remedy = isExport ? 'Choose another folder, or use --force' : 'Choose another folder'
  const what = isExport ? 'an earlier export lies there' : 'it is not empty, and holds no export'
  throw new AppError('conflict', `${folder}: ${what}. ${remedy}`, { path: folder })
}

async function moveIntoPlace(temporary: string, folder: string): Promise<void> {
  const replaced = `${temporary}-replaced`
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  )
  if (isThere) await rename(folder, replaced)
  try {
    await rename(temporary, folder)
  } catch (thrown) {
    if (isThere) await rename(replaced, folder)
    throw thrown
  }
  await rm(replaced, { recursive: true, force: true })
}

async function filesOf(folder: string): Promise<ExportReport['files']> {
  const names = (await readdir(folder)).sort()
  return Promise.all(names.map(async name => ({ name, sizeBytes: (await stat(join(folder, name))).size })))
}
