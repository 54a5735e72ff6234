/**
 * tfjs's storage interface over libtorch tensors. A tensor's data id is the object that holds its handle, so that nothing is looked up.
 * Tensors are stored contiguously in tfjs's logical order: NHWC, which libtorch knows as channels-last.
 */
import { engine, KernelBackend } from '@tensorflow/tfjs-core'
import type { BackendValues, DataType, TensorInfo } from '@tensorflow/tfjs-core'
import { scalarTypes } from './binding.ts'
import type { Argument, Handle, TorchAddon } from './binding.ts'
import { memoryOf } from './device.ts'
import type { MemoryFigures } from './device.ts'

/** What stands behind a tensor of this backend. */
export interface TorchData {
  /** -1 for strings, which stay in JavaScript. */
  handle: Handle
  refCount: number
  readonly dtype: DataType
  readonly strings: Uint8Array[] | null
}

/** What tfjs's engine does for its own backends: it reads a tensor where it is, and calls `move` here. */
interface DataMover {
  moveData(to: KernelBackend, dataId: object): void
}

/** libtorch's type of a tfjs type; a float32 tensor may be stored in fewer bits. */
export function scalarTypeOf(dtype: DataType): number {
  if (dtype === 'string') return -1
  return scalarTypes[dtype as 'float32' | 'int32' | 'bool' | 'complex64']
}

export class TorchBackend extends KernelBackend {
  readonly addon: TorchAddon
  readonly device: string
  /** Read by the executor of graphs: what forward computed is kept for backward rather than computed again. */
  readonly keepsActivations = true
  readonly #operators = new Map<string, number>()
  #count = 0

  /** @param device where tensors live, as `cpu` or `cuda:0` */
  constructor(addon: TorchAddon, device: string) {
    super()
    this.addon = addon
    this.device = device
  }

  /** Runs an operator of one result by its name. */
  run(name: string, ...args: Argument[]): Handle {
    return this.addon.call(this.#operator(name), ...args) as Handle
  }

  /** Runs an operator of several results. */
  runMany(name: string, ...args: Argument[]): Handle[] {
    return this.addon.call(this.#operator(name), ...args) as Handle[]
  }

  /** A tensor for tfjs around a result, laid out densely; the handle is the backend's from now on. */
  make(handle: Handle, shape: readonly number[], dtype: DataType): TensorInfo {
    const dense = this.addon.contiguous(handle)
    this.addon.dispose(handle)
    return this.adopt(dense, shape, dtype)
  }

  /** `make` for a result that is known to be dense. */
  adopt(handle: Handle, shape: readonly number[], dtype: DataType): TensorInfo {
    this.#count++
    const data: TorchData = { handle, refCount: 1, dtype, strings: null }
    return { dataId: data, shape: shape as number[], dtype }
  }

  /** The handle behind a tensor; what another backend holds is fetched first. */
  handle({ dataId }: Pick<TensorInfo, 'dataId'>): Handle {
    const { handle } = dataId as TorchData
    return handle === undefined ? this.#fetch(dataId) : handle
  }

  override write(values: BackendValues | null, shape: number[], dtype: DataType): object {
    this.#count++
    return this.#store(values, shape, dtype, 1)
  }

  override move(
    dataId: object,
    values: BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    this.#count++
    Object.assign(dataId, this.#store(values, shape, dtype, refCount))
  }

  override readSync(dataId: object): BackendValues {
    const { handle, strings } = dataId as TorchData
    return strings ?? this.addon.read(handle)
  }

  /** A GPU is not waited for; what the processor computes is there at once. */
  override async read(dataId: object): Promise<BackendValues> {
    const { handle, strings } = dataId as TorchData
    return strings === null && this.device !== 'cpu' ? this.addon.readLater(handle) : this.readSync(dataId)
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = dataId as TorchData
    data.refCount--
    if (!force && data.refCount > 0) return false
    if (data.handle >= 0) this.addon.dispose(data.handle)
    data.handle = -1
    this.#count--
    return true
  }

  disposeIntermediateTensorInfo({ dataId }: TensorInfo): void {
    this.disposeData(dataId)
  }

  override incRef(dataId: object): void {
    ;(dataId as TorchData).refCount++
  }

  decRef(dataId: object): void {
    ;(dataId as TorchData).refCount--
  }

  override refCount(dataId: object): number {
    return (dataId as TorchData).refCount
  }

  override numDataIds(): number {
    return this.#count
  }

  /** With what is known of the device, in bytes; the rest is tfjs's. */
  override memory(): { unreliable: boolean; reasons: string[] } & MemoryFigures {
    return { unreliable: false, reasons: [], ...memoryOf(this.addon, this.device) }
  }

  override floatPrecision(): 16 | 32 {
    return 32
  }

  override epsilon(): number {
    return 1e-7
  }

  override timerAvailable(): boolean {
    return true
  }

  override async time(run: () => void): Promise<{ kernelMs: number }> {
    const startedMs = performance.now()
    run()
    return { kernelMs: performance.now() - startedMs }
  }

  override dispose(): void {}

  #fetch(dataId: object): Handle {
    ;(engine() as unknown as DataMover).moveData(this, dataId)
    return (dataId as TorchData).handle
  }

  #operator(name: string): number {
    const known = this.#operators.get(name)
    if (known !== undefined) return known
    const index = this.addon.op(name)
    this.#operators.set(name, index)
    return index
  }

  #store(
    values: BackendValues | null,
    shape: readonly number[],
    dtype: DataType,
    refCount: number,
  ): TorchData {
    if (dtype === 'string') return { handle: -1, refCount, dtype, strings: values as Uint8Array[] }
    return { handle: this.#upload(values, shape, dtype), refCount, dtype, strings: null }
  }

  #upload(values: BackendValues | null, shape: readonly number[], dtype: DataType): Handle {
    const code = scalarTypeOf(dtype)
    if (values === null) return this.run('aten::empty.memory_format', shape, code, null, this.device)
    return this.addon.create(typed(values, dtype), shape, code, this.device)
  }
}

/** tfjs hands over plain arrays too. */
function typed(values: BackendValues, dtype: DataType): Float32Array | Int32Array | Uint8Array {
  if (values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array)
    return values
  if (ArrayBuffer.isView(values)) return Uint8Array.from(values as unknown as ArrayLike<number>)
  const numbers = values as unknown as ArrayLike<number>
  return dtype === 'float32' ? Float32Array.from(numbers) : Int32Array.from(numbers)
}
