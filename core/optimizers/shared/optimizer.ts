import type { Tensor } from '@tensorflow/tfjs-core'
import type { ParameterInfo } from '../../graph/index.ts'

/** One parameter at the moment of its update. The optimizer disposes of nothing. */
export interface ParameterUpdate {
  readonly info: ParameterInfo
  readonly value: Tensor
  readonly gradient: Tensor
  /** The parameter's slots by name, each of the parameter's shape. */
  readonly state: Readonly<Record<string, Tensor>>
}

/** A parameter after its update. */
export interface UpdatedParameter {
  readonly value: Tensor
  readonly state: Readonly<Record<string, Tensor>>
}

export interface UpdateSetting {
  readonly learningRate: number
  /** Counts updates from 0. */
  readonly step: number
  /** Every gradient is multiplied by it first: 1 over the loss scale. */
  readonly gradientScale: number
}

/**
 * An update rule without memory of its own: everything it must remember lies in named slots, which the trainer keeps, saves
 * and restores. New tensors come back, which may hold the memory of the old ones; the trainer disposes of those.
 */
export interface Optimizer {
  /** Slots each parameter has, with the value they start from. */
  readonly slots: Readonly<Record<string, 'zeros' | 'ones'>>
  /** All parameters at once, in their order. */
  update(parameters: readonly ParameterUpdate[], setting: UpdateSetting): readonly UpdatedParameter[]
  /** The L2 term that weight decay stands for, ½·decay·Σw² over the parameters it decays, for the log's total_loss. */
  decayLoss(parameters: readonly { readonly info: ParameterInfo; readonly value: Tensor }[]): Tensor
}
