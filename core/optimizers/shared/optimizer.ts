import type { Tensor } from '@tensorflow/tfjs-core'
import type { LayerSample, ParameterInfo } from '../../graph/index.ts'

/** One parameter at the moment of its update. The optimizer disposes of nothing. */
export interface ParameterUpdate {
  readonly info: ParameterInfo
  readonly value: Tensor
  readonly gradient: Tensor
  /** The parameter's slots by name. */
  readonly state: Readonly<Record<string, Tensor>>
  /** The optimizer's weight decay is multiplied by it: 0 spares the parameter. */
  readonly weightDecayFactor: number
}

/** A parameter after its update. */
export interface UpdatedParameter {
  readonly value: Tensor
  /** Slots that changed; those left out stay as they are. */
  readonly state: Readonly<Record<string, Tensor>>
}

export interface UpdateSetting {
  readonly learningRate: number
  /** Counts updates from 0. */
  readonly step: number
  readonly stepsPerEpoch: number
  /** Every gradient is multiplied by it first: 1 over the loss scale. */
  readonly gradientScale: number
}

/** A tensor that the optimizer keeps for a parameter. */
export interface Slot {
  readonly shape: readonly number[]
  readonly fill: 'zeros' | 'ones'
}

/** A parameter with its value, as weight decay counts it. */
export type DecayedParameter = Pick<ParameterUpdate, 'info' | 'value' | 'weightDecayFactor'>

/** What an optimizer learns of the curvature of the loss from the layers' inputs and gradients. */
export interface Curvature {
  /** Whether the layers are measured in this step, counted from 0. */
  isDue(step: number): boolean
  /**
   * New values for slots of the layer's weight, in a tidy. Ranks average them.
   * @param setting.batchSize images in `x`
   */
  measure(
    layer: LayerSample,
    setting: { readonly step: number; readonly stepsPerEpoch: number; readonly batchSize: number },
  ): Readonly<Record<string, Tensor>>
}

/**
 * An update rule without memory of its own: everything it must remember lies in named slots, which the trainer keeps, saves
 * and restores. New tensors come back, which may hold the memory of the old ones; the trainer disposes of those.
 */
export interface Optimizer {
  /** Slots of a parameter by name. */
  slots(info: ParameterInfo): Readonly<Record<string, Slot>>
  /** All parameters of one learning rate at once, in their order. */
  update(parameters: readonly ParameterUpdate[], setting: UpdateSetting): readonly UpdatedParameter[]
  /** The L2 term that weight decay stands for, ½·decay·Σw² over the parameters it decays, for the log's total_loss. */
  decayLoss(parameters: readonly DecayedParameter[]): Tensor
  readonly curvature?: Curvature
}

/** A slot of the parameter's own shape. */
export function alike({ shape }: ParameterInfo, fill: Slot['fill'] = 'zeros'): Slot {
  return { shape, fill }
}
