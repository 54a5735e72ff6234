/** `multigrain resume`: goes on with a run that was paused, stopped, interrupted or failed. */
import { chooseRun } from '../chooseRun.ts'
import { followRun } from '../follow.ts'
import { checkOwnHost, trainForRankZero } from '../ranks.ts'
import { onlyArgument } from './shared/action.ts'
import type { Command } from './shared/command.ts'

export const resume: Command = {
  name: 'resume',
  summary: 'Go on with a run from its newest valid checkpoint',
  usage: 'RUN',
  details:
    'Prints the same as train. Only steps after the newest checkpoint are done again, with the same outcome.',
  options: {},
  examples: [{ line: 'resume r-20261122-0001', explanation: 'goes on with that run' }],
  run: async invocation => {
    const named = onlyArgument(invocation.positionals, 'resume RUN')
    const asOtherRank = await trainForRankZero(invocation)
    if (asOtherRank !== null) return asOtherRank
    const session = await invocation.session({ listens: true })
    checkOwnHost(session)
    const id = await chooseRun(session, named)
    const lines = await session.client.runs.log({ id, after: -1, limit: 1 })
    await session.client.runs.resume({ id })
    return followRun(invocation, session, id, lines.at(-1)?.number ?? -1)
  },
}
