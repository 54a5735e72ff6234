/**
 * Predictions of an evaluation as a safetensors file: `index` I32[N], `label` I32[N], `top` I32[N,5], `probability` F32[N,5], `loss`
 * F32[N], and `logits` F32[N,K] where they fit. Its metadata says how many classes there are, and of what it was made.
 */
import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import { parseSafetensors, safetensorsHeader, type StoredTensor } from '../checkpoints/safetensors.ts'
import { AppError } from '../errors/index.ts'
import { topCount, type Predictions } from './predictions.ts'

const format = 'multigrain-predictions-1'

/** The file of predictions that belongs to an evaluation's report. */
export function predictionsPath(reportPath: string): string {
  return reportPath.replace(/(\.json)?$/, '.predictions.safetensors')
}

/** Whole or not at all. @param facts strings that say of what it was made */
export async function writePredictions(
  path: string,
  predictions: Predictions,
  facts: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { count, classCount, index, label, top, probability, loss, logits } = predictions
  const tensors = [
    { name: 'index', dtype: 'I32', shape: [count], values: index },
    { name: 'label', dtype: 'I32', shape: [count], values: label },
    { name: 'top', dtype: 'I32', shape: [count, topCount], values: top },
    { name: 'probability', dtype: 'F32', shape: [count, topCount], values: probability },
    { name: 'loss', dtype: 'F32', shape: [count], values: loss },
    ...(logits
      ? [{ name: 'logits', dtype: 'F32', shape: [count, classCount], values: logits } as const]
      : []),
  ] as const
  const header = safetensorsHeader(tensors, { ...facts, format, classCount: String(classCount) })
  const temporary = `${path}.new`
  try {
    const file = await open(temporary, 'w')
    try {
      await writeAll(file, header)
      for (const { values } of tensors)
        await writeAll(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
}

/**
 * @throws AppError not-found when there is no such file, as evaluations of older versions have none; data-invalid when it is damaged.
 */
export async function readPredictions(path: string): Promise<Predictions> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT')
      throw new AppError(
        'not-found',
        `${path}: there are no predictions of this evaluation. Evaluate again`,
        {
          file: path,
          remedy: 'Evaluate again',
        },
      )
    throw AppError.from(error, path)
  })
  const { tensors, metadata } = parsed(bytes, path)
  if (metadata.get('format') !== format) throw damaged(path, `expected the format ${format}`)
  const of = (name: string, dtype: 'I32' | 'F32', width: number): StoredTensor => {
    const tensor = tensors.get(name)
    const elements = tensor ? tensor.bytes.length / 4 : NaN
    if (tensor?.dtype !== dtype || elements !== count * width)
      throw damaged(path, `tensor '${name}' is not ${dtype} of ${count} × ${width}`)
    return tensor
  }
  const count = tensors.get('index')?.shape[0] ?? NaN
  const classCount = Number(metadata.get('classCount'))
  if (!Number.isSafeInteger(classCount) || classCount < 1) throw damaged(path, 'classCount is no number')
  return {
    ...{ count, classCount },
    index: integers(of('index', 'I32', 1)),
    label: integers(of('label', 'I32', 1)),
    top: integers(of('top', 'I32', topCount)),
    probability: floats(of('probability', 'F32', topCount)),
    loss: floats(of('loss', 'F32', 1)),
    logits: tensors.has('logits') ? floats(of('logits', 'F32', classCount)) : null,
  }
}

function parsed(bytes: Buffer, path: string): ReturnType<typeof parseSafetensors> {
  try {
    return parseSafetensors(bytes, path)
  } catch (thrown) {
    throw damaged(path, AppError.from(thrown).message)
  }
}

/** The header is padded to eight bytes, but a small file lies in a shared buffer at any place. */
function integers({ bytes }: StoredTensor): Int32Array {
  return new Int32Array(aligned(bytes), 0, bytes.length / 4)
}

function floats({ bytes }: StoredTensor): Float32Array {
  return new Float32Array(aligned(bytes), 0, bytes.length / 4)
}

function aligned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

function damaged(path: string, problem: string): AppError {
  const message = `${path}: the predictions are damaged: ${problem}. Evaluate again`
  return new AppError('data-invalid', message, { file: path, problem, remedy: 'Evaluate again' })
}
