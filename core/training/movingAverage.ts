/**
 * An exponential moving average of weights and running statistics, which is often better than the weights themselves. It is kept
 * in float32 whatever the network is kept in.
 *
 * @source Polyak and Juditsky 1992; timm.utils.ModelEmaV2 (its warm-up is that of ModelEmaV3); torchvision's references average every
 * few steps only.
 */
import * as tf from '@tensorflow/tfjs-core'
import { AppError } from '../errors/index.ts'
import { castTo, type Executor } from '../graph/index.ts'

export interface AverageSetting {
  /** Share of the average that stays at each update: 0 to 1. */
  readonly decay: number
  /** Steps between updates. */
  readonly everySteps: number
  /** Begin with a smaller decay, 1 − (1 + updates)^(−2/3), that grows to the full one. */
  readonly warmup: boolean
}

export interface MovingAverage {
  /** Takes in the weights after a step, counted from 1. */
  update(step: number): void
  /** Tensors by name, parameters and buffers; the average owns them. */
  readonly tensors: ReadonlyMap<string, tf.Tensor>
  /** @throws AppError not-found. */
  of(name: string): tf.Tensor
  /** Puts other values in their place. */
  set(name: string, value: tf.Tensor): void
  /** Begins again from the network's weights. */
  restart(): void
  /** The network computes with the average while `use` runs. */
  during<Result>(use: () => Promise<Result>): Promise<Result>
  dispose(): void
}

export function createMovingAverage(executor: Executor, setting: AverageSetting): MovingAverage {
  const tables = [executor.parameters, executor.buffers]
  const isHalf = executor.precision.weights !== 'float32'
  /** A value of the network in float32; always a new tensor. */
  const wide = (tensor: tf.Tensor): tf.Tensor => (isHalf ? castTo(tensor, 'float32') : tf.clone(tensor))
  // A copy in memory of its own: optimizers may change a weight in place.
  const copyOf = (tensor: tf.Tensor): tf.Tensor => tf.keep(tf.tidy(() => tf.mul(wide(tensor), 1)))
  const tensors = new Map<string, tf.Tensor>()
  for (const table of tables) for (const name of table.names()) tensors.set(name, copyOf(table.get(name)))

  const of: MovingAverage['of'] = name => {
    const found = tensors.get(name)
    if (found) return found
    throw new AppError('not-found', `No average of '${name}'`, { value: name })
  }
  const set: MovingAverage['set'] = (name, value) => {
    const before = of(name)
    tensors.set(name, tf.keep(value))
    before.dispose()
  }
  const update: MovingAverage['update'] = step => {
    if (step % setting.everySteps !== 0) return
    const updates = step / setting.everySteps
    const decay = setting.warmup ? Math.min(setting.decay, 1 - (1 + updates) ** (-2 / 3)) : setting.decay
    for (const table of tables)
      for (const name of table.names()) {
        const average = of(name)
        const next = tf.tidy(() => {
          const difference = tf.sub(wide(table.get(name)), average)
          return tf.add(average, tf.mul(difference, 1 - decay))
        })
        set(name, next)
      }
  }
  const restart = (): void => {
    for (const table of tables) for (const name of table.names()) set(name, copyOf(table.get(name)))
  }
  const during: MovingAverage['during'] = async use => {
    const own = tables.flatMap(table =>
      table.names().map(name => ({ table, name, value: tf.clone(table.get(name)) })),
    )
    try {
      for (const { table, name } of own) table.set(name, tf.clone(of(name)))
      return await use()
    } finally {
      for (const { table, name, value } of own) table.set(name, value)
    }
  }
  return {
    update,
    tensors,
    of,
    set,
    restart,
    during,
    dispose: () => tf.dispose([...tensors.values()]),
  }
}
