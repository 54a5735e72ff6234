/**
 * All that the native addon offers, in one place. A tensor is an integer, its handle, which stays valid until `dispose`. Handles
 * belong to the thread that loaded the addon.
 */
import type { FusedOperations } from './fused.ts'

/** Stands for a tensor of libtorch. */
export type Handle = number

/** libtorch's ScalarType codes. */
export const scalarTypes = {
  uint8: 0,
  int8: 1,
  int16: 2,
  int32: 3,
  int64: 4,
  float16: 5,
  float32: 6,
  float64: 7,
  complex64: 9,
  bool: 11,
  bfloat16: 15,
} as const

/** What an operator takes, by its schema: a handle, a number, a list of either, null for what is left out. */
export type Argument =
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly number[]
  | readonly boolean[]
  | readonly (number | null)[]

/** What an operator gives back: handles of tensors, or a plain value. */
export type Result = number | boolean | null | Result[]

export interface AddonVersion {
  /** libtorch's, as 1.13.0. */
  readonly torch: string
  /** Whether this libtorch sees a CUDA device. */
  readonly cuda: boolean
  /** Of one operation. */
  readonly threads: number
}

/** A device that libtorch computes on. */
export interface DeviceFacts {
  /** `cpu`, `cuda:0`, … */
  readonly name: string
  /** As its driver calls it; empty where nothing tells. */
  readonly title: string
  /** Its memory; -1 where nothing tells. */
  readonly totalBytes: number
  /** CUDA's compute capability, as `9.0`; empty for others. */
  readonly capability: string
}

/** Of a convolution: strides, padding above and on the left, and the size of what comes out. */
export type ConvolutionGeometry = readonly [
  strideHeight: number,
  strideWidth: number,
  padTop: number,
  padLeft: number,
  outHeight: number,
  outWidth: number,
]

export interface TorchAddon extends FusedOperations {
  version(): AddonVersion
  setThreads(count: number): void

  /** Index of an operator by its full name, as `aten::add.Tensor`. @throws Error code missing-operator */
  op(name: string): number
  /** Runs an operator. Arguments at the end that are left out take their defaults. An operator that works in place gives nothing. */
  call(op: number, ...args: Argument[]): Result

  /** A tensor with a copy of the data. Complex ones take pairs (real, imaginary). @param device as `cpu`, `cuda:0` */
  create(
    data: Float32Array | Float64Array | Int32Array | Uint8Array,
    shape: readonly number[],
    dtype: number,
    device?: string,
  ): Handle
  /** A copy: floats of any width as float32, integers as int32, booleans and bytes as uint8, complex as pairs of float32. */
  read(handle: Handle): Float32Array | Int32Array | Uint8Array
  dispose(handle: Handle): void
  /** A second handle of the same tensor. */
  share(handle: Handle): Handle
  /** Shares memory where the layout allows it. */
  reshape(handle: Handle, shape: readonly number[]): Handle
  contiguous(handle: Handle): Handle
  shape(handle: Handle): number[]
  /** A code of `scalarTypes`. */
  dtype(handle: Handle): number
  /** How many tensors are kept. */
  count(): number
  /** Bytes of the tensors that are kept; shared memory counts once. */
  heldBytes(): number

  /** Main memory that large tensors take now, took at most since `resetPeak`, and may take. */
  arenaFigures(): { readonly usedBytes: number; readonly peakBytes: number; readonly limitBytes: number }
  limitMemory(bytes: number): void
  /** Gives memory that no tensor uses back to the system. */
  trimMemory(): void
  resetPeak(): void

  /** Main memory first, then every CUDA device that libtorch sees. */
  devices(): DeviceFacts[]
  /** What the device's driver says of its memory, all processes together; -1 for main memory. */
  deviceMemory(device: string): { readonly freeBytes: number; readonly totalBytes: number }
  deviceOf(handle: Handle): string
  /** What `read` gives, without holding up JavaScript until the device has computed it. */
  readLater(handle: Handle): Promise<Float32Array | Int32Array | Uint8Array>
  /** Waits until a device has done all that it was told. */
  synchronise(device: string): void
  /** Of libtorch's own generators of random numbers. */
  seed(value: number): void
  /** How CUDA computes: float32 products in TF32, convolutions chosen by trying, always the same ones. */
  setArithmetic(tf32: boolean, autotune: boolean, deterministic: boolean): void

  /** A store in a file, through which ranks of one machine find each other. */
  storeFile(path: string, world: number): number
  /** A store behind a port: one rank serves it, the others connect. */
  storeTcp(host: string, port: number, isServer: boolean, timeoutMs: number): Promise<number>
  storeSet(store: number, key: string, text: string): Promise<void>
  /** Null while the key is not there. */
  storeGet(store: number, key: string): Promise<string | null>
  storeClose(store: number): void
  /**
   * Connects all ranks, which call it at the same time.
   * @param transport `gloo` or `nccl` @param address of this machine, where the others reach it
   * @throws Error code no-transport when this libtorch comes without it
   */
  groupOpen(
    store: number,
    transport: string,
    rank: number,
    world: number,
    address: string,
    timeoutMs: number,
  ): Promise<number>
  groupClose(group: number): void
  /** Begins at once to sum tensors, each times `scale`, over all ranks, in float32. Those given may be disposed of. */
  groupReduce(group: number, tensors: readonly Handle[], scale: number): Promise<Handle[]>
  groupReduceNow(group: number, tensor: Handle, scale: number): Handle
  /** Rank 0's values, in a new tensor. */
  groupBroadcast(group: number, tensor: Handle): Promise<Handle>
  groupSum(group: number, numbers: readonly number[]): Promise<number[]>

  /**
   * Convolution of images [N,H,W,Cin] with a filter [kh,kw,Cin,Cout], in the narrower of their two types. What lies outside the
   * images is 0, on every side.
   */
  convolve(x: Handle, filter: Handle, geometry: ConvolutionGeometry): Handle
  /** `convolve`, then batch norm with running statistics, the addition of `addend` and a ReLU, in one pass where that can be. */
  convolveNormalised(
    x: Handle,
    filter: Handle,
    geometry: ConvolutionGeometry,
    gamma: Handle,
    beta: Handle,
    mean: Handle,
    variance: Handle,
    addend: Handle | null,
    epsilon: number,
    relu: boolean,
  ): Handle
  /** @param xShape [N,H,W,Cin] */
  convolveInputGradient(
    dy: Handle,
    filter: Handle,
    xShape: readonly number[],
    geometry: ConvolutionGeometry,
  ): Handle
  /** In float32. @param filterShape [kh,kw,Cin,Cout] */
  convolveFilterGradient(
    x: Handle,
    dy: Handle,
    filterShape: readonly number[],
    geometry: ConvolutionGeometry,
  ): Handle
}
