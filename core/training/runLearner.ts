/** What a run trains: the network of its configuration, and the weights that it starts from. */
import type { DatasetFacts } from '../evaluation/loaderOptions.ts'
import type { Precision, RunConfig } from '../experiment/index.ts'
import { createExecutor, withLossParameters } from '../graph/index.ts'
import { loadStartingWeights, type ImportReport } from '../importing/index.ts'
import type { Loss } from '../losses/shared/loss.ts'
import { models } from '../models/index.ts'
import { optimizers } from '../optimizers/index.ts'
import { checkOutputs } from './checkOutputs.ts'
import { createLearner, type Learner } from './learner.ts'
import type { Collective } from './ports.ts'
import { ratesOf } from './rates.ts'

/** The network of a configuration, with its optimizer; its weights are the first ones. */
export function createRunLearner(
  config: RunConfig,
  precision: Precision,
  { classes }: DatasetFacts,
  loss: Loss,
  collective: Collective | null,
): Learner {
  const { size, channels } = config.input
  const { seed, ema, synchroniseBatchNorm } = config.training
  const model = models.create(config.model, 'model')
  const network = model({ height: size, width: size, channels, classCount: classes.length })
  checkOutputs(config, network, loss)
  const graph = withLossParameters(network, loss.parameters)
  const rates = ratesOf(graph, config)
  const shared = collective && synchroniseBatchNorm ? { acrossRanks: collective } : {}
  const executor = createExecutor(graph, { seed, precision, isTrained: rates.isTrained, ...shared })
  const average = ema.decay > 0 ? ema : undefined
  return createLearner(executor, optimizers.create(config.optimizer, 'optimizer'), { rates, average })
}

/**
 * Puts the weights that a run starts from into its network.
 * @returns what was taken and what was not; null where the configuration names none
 */
export async function startFrom({ start }: RunConfig, learner: Learner): Promise<ImportReport | null> {
  if (start.weights === '') return null
  const report = await loadStartingWeights(learner.executor, start)
  learner.average?.restart()
  return report
}
