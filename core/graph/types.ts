/** A network as data: named nodes in topological order, with static shapes. */
import type { Scalar, Tensor, Tensor4D } from '@tensorflow/tfjs-core'
import type { GraphPrecision } from './precision.ts'

/** `scalar`: a single number that is learned, such as GeM's power. */
export type ParameterKind = 'weight' | 'bias' | 'gamma' | 'beta' | 'scalar'

/** How a parameter starts. Random ones draw from a stream that depends on (seed, parameter name) alone. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  /** He et al. 2015: normal, σ = √(2 / fan). */
  | { readonly kind: 'kaiming-normal'; readonly fan: 'in' | 'out' }
  /** Uniform on ±√(gain / fan_in): torch's default for dense layers with gain 1. */
  | { readonly kind: 'uniform-fan-in'; readonly gain: number }
  /** Glorot and Bengio 2010: uniform on ±√(6 / (fan_in + fan_out)). */
  | { readonly kind: 'xavier-uniform' }
  /** He et al. 2015: uniform on ±√(6 / fan_in). */
  | { readonly kind: 'he-uniform' }
  | { readonly kind: 'normal'; readonly stddev: number }
  /** Normal, cut at ±2σ. */
  | { readonly kind: 'truncated-normal'; readonly stddev: number }
  /**
   * Normal, cut at ±2σ, σ = √(gain / fan_in) / `shrink`. TensorFlow's variance scaling, which MindSpore's recipes use, divides by
   * 0.8796, what the cut leaves of σ; slim's does not.
   */
  | { readonly kind: 'truncated-fan-in'; readonly gain: number; readonly shrink: number }

/** A trainable tensor. Convolution weights are [kh, kw, Cin, Cout], dense weights [in, out]. */
export interface ParameterInfo {
  /** torchvision's name: `layer1.0.conv1.weight`. */
  readonly name: string
  readonly shape: readonly number[]
  readonly kind: ParameterKind
  readonly initializer: Initializer
  /** Its learning rate is the run's times this. Default 1. */
  readonly learningRateFactor?: number
  /** False: no weight decay, whatever the optimizer decays. */
  readonly decays?: false
}

/** A tensor that training changes without a gradient, such as a running mean. */
export interface BufferInfo {
  readonly name: string
  readonly shape: readonly number[]
  readonly initializer: Initializer
}

export interface GraphNode {
  /** Unique; parameters of the node are `${name}.weight` and so on. */
  readonly name: string
  readonly op: string
  readonly inputs: readonly string[]
  readonly attributes: Readonly<Record<string, unknown>>
  /** Shape of the output without the batch: [H, W, C] or [C]. */
  readonly shape: readonly number[]
  readonly parameters: readonly ParameterInfo[]
  readonly buffers: readonly BufferInfo[]
}

export interface Graph {
  readonly name: string
  /** [H, W, C] */
  readonly inputShape: readonly [number, number, number]
  readonly nodes: readonly GraphNode[]
  /** Node of each output by its role: `logits` [K], `embedding` [C] before the classifier, `auxLogits`. */
  readonly outputs: Readonly<Record<string, string>>
  /** Roles that only training asks for; nodes that only they need do not run in evaluation. */
  readonly trainingOutputs?: readonly string[]
}

/** The outcome of one forward and backward pass. The caller disposes of all of it. */
export interface StepResult {
  readonly loss: Scalar
  readonly outputs: Readonly<Record<string, Tensor>>
}

export interface TrainOptions {
  /** Seed of this step's dropout. */
  readonly seed: number
  /** Batch norm uses its running statistics as constants and leaves them alone, as in fine-tuning. Default false. */
  readonly frozenBatchNorm?: boolean
  /** Gradients come out multiplied by it, so that small ones survive in float16; the loss does not. Default 1. */
  readonly lossScale?: number
  /**
   * Called once per parameter that the loss depends on, as soon as its gradient is final; the callee owns the tensor, which is
   * kept: no tidy frees it.
   */
  readonly onGradient: (info: ParameterInfo, gradient: Tensor) => void
  /** Called in the backward pass for each convolution and dense layer whose weight is trained, in a tidy of its own. */
  readonly onLayer?: (layer: LayerSample) => void
}

/** What went through a layer in one step, in float32. It is freed after the call. */
export interface LayerSample {
  /** The layer's weight. */
  readonly info: ParameterInfo
  readonly node: GraphNode
  /** [B,H,W,Cin] or [B,in] */
  readonly x: Tensor
  /** Gradient of the mean loss times the loss scale: [B,H',W',Cout] or [B,out]. */
  readonly dy: Tensor
  /** Factor that the gradients carry. */
  readonly lossScale: number
}

/** Runs a graph over the current tfjs backend. */
export interface Executor {
  readonly graph: Graph
  readonly precision: GraphPrecision
  /** Values by name; `set` disposes of the old one. */
  readonly parameters: TensorTable
  readonly buffers: TensorTable
  /**
   * Outputs in evaluation mode for images [B,H,W,C]; the caller disposes of them.
   * @param roles which outputs; all but those that only training asks for when left out
   */
  predict(images: Tensor4D, roles?: readonly string[]): Record<string, Tensor>
  /** Forward in training mode, the loss, and backward; updates the buffers. */
  train(
    images: Tensor4D,
    lossOf: (outputs: Record<string, Tensor>) => Scalar,
    options: TrainOptions,
  ): StepResult
  dispose(): void
}

export interface TensorTable {
  names(): readonly string[]
  get(name: string): Tensor
  set(name: string, value: Tensor): void
}
