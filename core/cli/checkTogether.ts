/** What only the network can tell of a configuration: that it takes the input, gives what the loss reads, and has the layers that are named. */
import type { RunConfig } from '../experiment/index.ts'
import { withLossParameters } from '../graph/index.ts'
import { losses } from '../losses/index.ts'
import { models } from '../models/index.ts'
import { checkOutputs, ratesOf } from '../training/index.ts'

/** Classes assumed without a data set: ImageNet's. */
const classCount = 1000

/** @throws AppError invalid-config naming the field. */
export function checkTogether(config: RunConfig): void {
  const { size, channels } = config.input
  const graph = models.create(config.model, 'model')({ height: size, width: size, channels, classCount })
  const loss = losses.create(config.loss, 'loss')
  checkOutputs(config, graph, loss)
  ratesOf(withLossParameters(graph, loss.parameters), config)
}
