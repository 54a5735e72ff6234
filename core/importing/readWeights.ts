/** Tensors by name from a checkpoint of ours, a safetensors file or a PyTorch state dict. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors/index.ts'
import { listCheckpoints } from '../checkpoints/checkpointFolder.ts'
import { loadCheckpoint } from '../checkpoints/loadCheckpoint.ts'
import { parseSafetensors, type Safetensors } from '../checkpoints/safetensors.ts'
import { isFloatType, toFloat32, widths } from './numbers.ts'
import { readTorchPickle, TensorView, type Value } from './torchPickle.ts'
import { readZip, type ZipEntry } from './zip.ts'

/** A tensor in torch's layout, whose numbers are read when they are asked for. */
export interface FoundTensor {
  readonly shape: readonly number[]
  /** As the file calls it: F32, BF16, I64. */
  readonly type: string
  /** @throws Error where the file is damaged, or the tensor holds no floating-point numbers. */
  read(): Float32Array
}

export interface FoundWeights {
  readonly kind: 'checkpoint' | 'safetensors' | 'state-dict'
  /** For people: where in the file they were found, such as `ema.safetensors` or `state_dict`; empty where there is one place. */
  readonly part: string
  readonly tensors: ReadonlyMap<string, FoundTensor>
}

/** Node's buffers end here. */
const mostBytes = 2 ** 31

/** Where training scripts keep the weights among other things, in the order in which they are looked for. */
const plainNames = ['state_dict', 'model_state', 'model_state_dict', 'model', 'net', 'module']
const averageNames = ['state_dict_ema', 'model_ema', 'ema_state_dict', 'ema']

/**
 * @param preferAverage of a checkpoint that keeps one, the average of its weights
 * @throws AppError data-unreadable or data-invalid naming the file, what is wrong and the remedy; what `loadCheckpoint` throws.
 */
export async function readWeights(path: string, preferAverage: boolean): Promise<FoundWeights> {
  const found = await stat(path).catch((thrown: unknown) => {
    throw AppError.from(thrown, path)
  })
  if (found.isDirectory()) return fromFolder(path, preferAverage)
  if (found.size > mostBytes) throw invalid(path, `it is ${found.size} bytes, more than 2 GiB`)
  const bytes = await readFile(path).catch((thrown: unknown) => {
    throw AppError.from(thrown, path)
  })
  if (bytes.length >= 4 && bytes.readUInt32LE(0) === 0x04034b50) return fromZip(path, bytes, preferAverage)
  if (bytes.length >= 2 && bytes[0] === 0x80) {
    const remedy =
      'save it again with torch.save(state_dict, FILE) of PyTorch 1.6 or later, or as safetensors'
    throw invalid(path, `it is a pickle of an old PyTorch, which is not read; ${remedy}`)
  }
  try {
    const { tensors } = parseSafetensors(bytes, path)
    return { kind: 'safetensors', part: '', tensors: fromSafetensors(tensors) }
  } catch (thrown) {
    const { message } = AppError.from(thrown)
    throw new AppError('data-invalid', message, { file: path, field: 'start.weights' }, thrown)
  }
}

/** A checkpoint, an export, or a run whose newest checkpoint is taken. */
async function fromFolder(path: string, preferAverage: boolean): Promise<FoundWeights> {
  const names = await readdir(path)
  if (!names.includes('manifest.json')) {
    const exported = names.filter(name => name.endsWith('.safetensors'))
    if (exported.length === 1) return readWeights(join(path, exported[0]!), preferAverage)
    const [newest] = await listCheckpoints(join(path, 'checkpoints'))
    if (newest !== undefined) return fromFolder(join(path, 'checkpoints', newest), preferAverage)
    throw invalid(path, 'the folder is no checkpoint, no run and no export')
  }
  const { model, average } = await loadCheckpoint(path, { withOptimizer: false })
  const isAverage = preferAverage && average !== null
  const tensors = fromSafetensors(isAverage ? average : model)
  return { kind: 'checkpoint', part: isAverage ? 'ema.safetensors' : 'model.safetensors', tensors }
}

function fromSafetensors(tensors: Safetensors['tensors']): Map<string, FoundTensor> {
  return new Map(
    [...tensors].map(([name, { dtype, shape, bytes }]) => [
      name,
      { shape, type: dtype, read: () => floats(dtype, bytes) },
    ]),
  )
}

function fromZip(path: string, bytes: Buffer, preferAverage: boolean): FoundWeights {
  try {
    const entries = readZip(bytes)
    const names = [...entries.keys()]
    const described = names.find(name => /^[^/]+\/data\.pkl$/.test(name))
    if (described === undefined) throw new Error('it holds no data.pkl, so that it is no file of torch.save')
    if (names.some(name => /^[^/]+\/(code\/|constants\.pkl$)/.test(name)))
      throw new Error('it is a TorchScript archive. Save the state dict of the model instead')
    const root = described.slice(0, -'data.pkl'.length)
    const order = entries.get(`${root}byteorder`)
    if (order && Buffer.from(order.read()).toString() === 'big') throw new Error('its numbers are big-endian')
    const value = readTorchPickle(entries.get(described)!.read())
    const { part, dict } = stateDictOf(value, preferAverage)
    const storages = new Map<string, Uint8Array>()
    const bytesOf = (key: string): Uint8Array => {
      const known = storages.get(key) ?? (entries.get(`${root}data/${key}`) as ZipEntry | undefined)?.read()
      if (!known) throw new Error(`the numbers of storage '${key}' are missing`)
      storages.set(key, known)
      return known
    }
    const tensors = [...dict].map(([name, view]) => [name, found(view, bytesOf)] as const)
    return { kind: 'state-dict', part, tensors: new Map(tensors) }
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : invalid(path, (thrown as Error).message)
  }
}

/**
 * The dictionary of tensors in what was saved: the first of the usual members that holds some, else the whole. In this order, as
 * scripts keep the best accuracy as a tensor beside the weights.
 */
function stateDictOf(
  value: Value,
  preferAverage: boolean,
): { readonly part: string; readonly dict: Map<string, TensorView> } {
  if (!(value instanceof Map)) throw new Error('it holds no dictionary of tensors')
  const names = preferAverage ? [...averageNames, ...plainNames] : [...plainNames, ...averageNames]
  for (const name of names) {
    const member = value.get(name)
    const inner = member instanceof Map ? tensorsOf(member) : new Map<string, TensorView>()
    if (inner.size > 0) return { part: name, dict: inner }
  }
  const own = tensorsOf(value)
  if (own.size > 0) return { part: '', dict: own }
  const known = [...value.keys()].slice(0, 12).join(', ')
  throw new Error(`it holds no tensors, nor does one of ${names.join(', ')}. It has: ${known}`)
}

function tensorsOf(value: Map<string, Value>): Map<string, TensorView> {
  const tensors = [...value].filter((pair): pair is [string, TensorView] => pair[1] instanceof TensorView)
  return new Map(tensors)
}

function found(
  { storage, offset, shape, strides }: TensorView,
  bytesOf: (key: string) => Uint8Array,
): FoundTensor {
  return {
    shape,
    type: storage.type,
    read: () => {
      if (!isFloatType(storage.type)) return floats(storage.type, new Uint8Array())
      const bytes = bytesOf(storage.key)
      if (bytes.length < storage.count * widths[storage.type])
        throw new Error(
          `storage '${storage.key}' has ${bytes.length} bytes, too few for its ${storage.count} numbers`,
        )
      if (shape.includes(0)) return new Float32Array()
      const width = widths[storage.type]
      const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, offset)
      // Only what the tensor needs: many may lie in one storage.
      return gathered(
        toFloat32(storage.type, bytes.subarray(offset * width, (last + 1) * width)),
        shape,
        strides,
      )
    },
  }
}

/** The numbers of a view, in row-major order. */
function gathered(all: Float32Array, shape: readonly number[], strides: readonly number[]): Float32Array {
  const size = shape.reduce((product, length) => product * length, 1)
  let isDense = true
  shape.reduceRight((step, length, axis) => {
    if (length > 1 && strides[axis] !== step) isDense = false
    return step * length
  }, 1)
  if (isDense) return all
  const values = new Float32Array(size)
  const place = shape.map(() => 0)
  for (let at = 0; at < size; at++) {
    values[at] = all[place.reduce((sum, index, axis) => sum + index * strides[axis]!, 0)]!
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis]! === shape[axis]; axis--) place[axis] = 0
  }
  return values
}

function floats(type: string, bytes: Uint8Array): Float32Array {
  if (isFloatType(type)) return toFloat32(type, bytes)
  throw new Error(`it holds whole numbers (${type})`)
}

function invalid(path: string, problem: string): AppError {
  const message = `${path}: these weights cannot be read: ${problem}. Take a folder of a checkpoint, a safetensors file, or a state dict of torch.save`
  return new AppError('data-invalid', message, { file: path, field: 'start.weights', problem })
}
