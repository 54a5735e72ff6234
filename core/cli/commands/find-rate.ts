/** `multigrain find-rate`: looks for a learning rate in a short run. */
import type { LearningRateSearch } from '../../contract/index.ts'
import { chooseConfig } from '../chooseConfig.ts'
import { chooseData, needsSample } from '../chooseData.ts'
import { followJob } from '../followJob.ts'
import { table } from '../table.ts'
import type { Command } from './shared/command.ts'
import { configOptions } from './shared/configOptions.ts'

/** Lines of the table. */
const shownPoints = 15

export const findRate: Command = {
  name: 'find-rate',
  summary: 'Look for a learning rate in a short run',
  usage: '(--preset NAME | --config FILE) [--data DIR] [options]',
  details: `Trains for at most 100 steps from the first weights while the learning rate grows from 1e-7 to 10, and suggests the one where
the loss falls fastest. Nothing of the run is kept. With --json: suggestion, points {learningRate, loss} and reason.`,
  options: {
    ...configOptions,
    data: {
      type: 'string',
      value: 'DIR',
      description: 'folder of the images, or the id of a known data set; the preset sample brings its own',
    },
  },
  examples: [
    { line: 'find-rate --preset sample', explanation: 'for the small network on the sample digits' },
  ],
  run: async invocation => {
    const config = chooseConfig(invocation)
    const session = await invocation.session({ withSample: needsSample(invocation), listens: true })
    const dataset = await chooseData(invocation, session, invocation.text('data'))
    const { id } = await session.client.catalog.findLearningRate({
      config: { ...config },
      datasetId: dataset.id,
    })
    const found = (await followJob(invocation, session, id)) as LearningRateSearch
    const { output } = invocation
    const every = Math.max(1, Math.ceil(found.points.length / shownPoints))
    const rows = found.points.filter((_, at) => at % every === 0)
    output.line(
      table(
        ['RATE', 'LOSS>'],
        rows.map(({ learningRate, loss }) => [learningRate.toExponential(1), loss.toFixed(4)]),
      ),
    )
    if (found.reason !== '') output.line(found.reason)
    output.line(
      found.suggestion === null
        ? 'The loss never fell: look at the data and the network'
        : `Suggested: ${found.suggestion.toPrecision(2)}. Try it with --set schedule.learningRate=${found.suggestion.toPrecision(2)}`,
    )
    return { ...found }
  },
}
