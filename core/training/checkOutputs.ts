/** Whether a network gives what a loss reads. */
import { AppError } from '../errors/index.ts'
import type { RunConfig } from '../experiment/index.ts'
import type { Graph } from '../graph/index.ts'
import type { Loss } from '../losses/shared/loss.ts'

/** @throws AppError invalid-config when the loss reads an output that the network does not have. */
export function checkOutputs(
  config: Pick<RunConfig, 'loss' | 'model' | 'mixing'>,
  { outputs }: Graph,
  loss: Loss,
): void {
  const missing = loss.needs.find(role => !(role in outputs))
  if (missing === undefined) return checkMixing(config, loss)
  const message = `loss: ${config.loss.name} needs the output '${missing}'; the network ${config.model.name} has ${Object.keys(outputs).join(', ')}. Choose another loss or network`
  throw new AppError('invalid-config', message, { field: 'loss', value: config.loss.name })
}

/** Of a mixed image nobody can say which instance it shows. @throws AppError invalid-config */
function checkMixing({ loss: { name }, mixing }: Pick<RunConfig, 'loss' | 'mixing'>, loss: Loss): void {
  const field = (['mixupAlpha', 'cutmixAlpha'] as const).find(each => mixing[each] > 0)
  if (field === undefined || !loss.needs.includes('embedding')) return
  const message = `mixing.${field}: ${name} compares images, and mixed ones show two at once; got ${mixing[field]}. Set it to 0, or choose another loss`
  throw new AppError('invalid-config', message, { field: `mixing.${field}`, value: mixing[field] })
}
