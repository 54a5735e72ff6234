/** `multigrain train`: creates a run and follows it to its end. */
import { AppError } from '../../errors/index.ts'
import { chooseConfig } from '../chooseConfig.ts'
import { chooseData, needsSample } from '../chooseData.ts'
import { followRun } from '../follow.ts'
import { withStartWeights } from '../startWeights.ts'
import { checkOneSource, checkOwnHost, trainForRankZero } from '../ranks.ts'
import type { Command } from './shared/command.ts'
import { configOptions } from './shared/configOptions.ts'

export const train: Command = {
  name: 'train',
  summary: 'Train a network',
  usage: '(--preset NAME | --config FILE) [--data DIR] [options]',
  details: `The run is kept with its curves and checkpoints, and shows up in the workbench. Ctrl-C saves and stops it; a second
Ctrl-C leaves at once. With --json the last line of standard output is an object with runId, top1, top5, loss,
checkpoint (the folder of the newest one), step and elapsedMs; top1 and top5 are fractions. While it trains, npm start and
multigrain open show the workbench of this very process, which ends with the training.

Started as one of several ranks (RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, as torchrun sets them, or Slurm's, Open MPI's or
MPICH's own variables), rank 0 keeps the run and the others train for it. The batch size is that of all ranks together.`,
  options: {
    ...configOptions,
    data: {
      type: 'string',
      value: 'DIR',
      description: 'folder of the images, or the id of a known data set; the preset sample brings its own',
    },
    name: { type: 'string', value: 'TEXT', description: 'name of the run' },
    ranks: {
      type: 'string',
      value: 'N',
      description: 'train in N processes that share each batch; short for --set training.ranks=N',
    },
    'log-format': {
      type: 'string',
      value: 'NAME',
      description:
        'lines of the log as mindspore, pytorch or slim write them; short for --set training.logFormat=NAME',
    },
  },
  examples: [
    { line: 'train --preset sample', explanation: 'a small network on the sample digits' },
    { line: 'train --preset cifar10-resnet20 --data ~/cifar-10-batches-bin', explanation: 'CIFAR-10' },
    { line: 'train --config mine.yaml --data ~/flowers --set training.epochs=10', explanation: 'your own' },
  ],
  run: async invocation => {
    const chosen = chooseConfig(invocation)
    const asOtherRank = await trainForRankZero(invocation)
    if (asOtherRank !== null) return asOtherRank
    checkOneSource(chosen.training.ranks)
    const session = await invocation.session({ withSample: needsSample(invocation), listens: true })
    checkOwnHost(session)
    const dataset = await chooseData(invocation, session, invocation.text('data'))
    const config = await withStartWeights(chosen, session, dataset.classCount)
    const plan = await session.client.catalog.plan({ config: { ...config }, datasetId: dataset.id })
    if (plan.issues.length > 0) {
      const message = plan.issues.map(issue => `${issue.path}: ${issue.message}`).join('\n')
      throw new AppError('invalid-config', message, { issues: plan.issues })
    }
    const { problemCount } = dataset
    if (problemCount > 0)
      invocation.output.note(
        `warning: the scan of ${dataset.name} found ${problemCount === 1 ? 'a problem' : `${problemCount} problems`}; most of them mean images that are left out. \`datasets problems ${dataset.id}\` lists them`,
      )
    const name = invocation.text('name')
    const { id } = await session.client.runs.create({
      config: { ...config },
      datasetId: dataset.id,
      ...(name === undefined ? {} : { name }),
    })
    const { parameterCount, totalSteps } = plan
    const size = parameterCount === null ? '' : `, ${parameterCount.toLocaleString('en')} parameters`
    invocation.output.note(
      `Run ${id}: ${config.model.name}${size}, on ${dataset.name}, ${totalSteps ?? '?'} steps`,
    )
    return followRun(invocation, session, id)
  },
}
