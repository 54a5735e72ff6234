/** What every operation of a graph tells the builder, the summary and the executor. One operation, one file. */
import type { Tensor } from '@tensorflow/tfjs-core'
import type { BufferInfo, GraphNode, ParameterInfo } from '../../types.ts'

/** Shape without the batch: [H, W, C] or [C]. */
export type Shape = readonly number[]
export type Attributes = Readonly<Record<string, unknown>>

/**
 * How batch norm and dropout behave. `evaluation`: running statistics, no dropout. `training`: batch statistics.
 * `frozen`: as training, but batch norm uses its running statistics as constants and leaves them alone.
 */
export type Mode = 'evaluation' | 'training' | 'frozen'

/** What an operation is and asks for, known before any tensor exists. */
export interface Op {
  readonly name: string
  /** Shape of the output. Calls `fail` with what was expected and found when the inputs do not fit. */
  shape(inputs: readonly Shape[], attributes: Attributes, fail: Fail): number[]
  /** Trainable tensors and buffers of a node of this name. */
  state?(name: string, inputs: readonly Shape[], attributes: Attributes): NodeState
  /** Multiply-accumulates for one image. */
  macs(node: GraphNode, inputs: readonly Shape[]): number
  /** Runs in a tidy: what is returned survives, all else is freed. */
  forward(pass: ForwardPass): ForwardResult
  /** Which values backward reads; the executor keeps or recomputes them. */
  reads(node: GraphNode): Reads
  /** Runs in a tidy. */
  backward(pass: BackwardPass): BackwardResult
  /** Makes the output again from inputs and saved tensors, bit for bit. For nodes whose `reads` say that they can. */
  recompute?(pass: RecomputePass): Tensor
}

/** Stops shape inference with a message. */
export type Fail = (problem: string) => never

export interface NodeState {
  readonly parameters: readonly ParameterInfo[]
  readonly buffers: readonly BufferInfo[]
}

export interface Reads {
  /** Positions of the inputs that backward reads. */
  readonly inputs: readonly number[]
  readonly output: boolean
  /** Whether `recompute` can make this node's output again, so that it need not be kept. */
  readonly recomputable?: boolean
}

/** Ranks that have the other, equal parts of a batch. */
export interface AcrossRanks {
  readonly world: number
  /** The mean over ranks of a small tensor, in a new one. */
  meanNow(tensor: Tensor): Tensor
}

interface Pass {
  readonly node: GraphNode
  readonly mode: Mode
  /** There where batch norm shares its statistics with other ranks. */
  readonly acrossRanks?: AcrossRanks
  /** The node's parameter or buffer by the last part of its name: `weight`, `running_mean`. */
  tensor(suffix: string): Tensor
}

export interface ForwardPass extends Pass {
  readonly inputs: readonly Tensor[]
  /** Seed of this step's dropout. */
  readonly seed: number
  /** Replaces a buffer of the node. */
  update(suffix: string, value: Tensor): void
}

export interface ForwardResult {
  readonly output: Tensor
  /** Small tensors that backward needs beside inputs and output; the executor frees them. */
  readonly saved?: readonly Tensor[]
}

export interface RecomputePass extends Pass {
  /** An input by its position; only those that `reads` names. */
  input(position: number): Tensor
  readonly saved: readonly Tensor[]
}

export interface BackwardPass extends RecomputePass {
  /** Gradient of the loss with respect to the output. The executor frees it. */
  readonly dy: Tensor
  readonly inputShapes: readonly Shape[]
  output(): Tensor
  /** Whether anything needs the gradient of this input. */
  wants(position: number): boolean
  /** Whether any parameter of the node is trained; without it, their gradients may be left out. */
  readonly wantsParameters: boolean
}

export interface BackwardResult {
  /** One for each input, null where it is not wanted. Never `dy` itself: a clone costs nothing. */
  readonly inputs: readonly (Tensor | null)[]
  /** By the last part of the parameter's name. */
  readonly parameters?: Readonly<Record<string, Tensor>>
}

/** Reads nothing. */
export const readsNothing: Reads = { inputs: [], output: false }

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1)
}
