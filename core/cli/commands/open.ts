/** `multigrain open`: the address of the workbench that runs. */
import { openBrowser } from '../../../main/openBrowser.ts'
import { dataFolder } from '../../../main/paths.ts'
import { connect } from '../../../main/remote.ts'
import { AppError } from '../../errors/index.ts'
import type { Command } from './shared/command.ts'

export const open: Command = {
  name: 'open',
  summary: 'Print the address of the running workbench, or open it',
  usage: '[--browser]',
  details: 'The address carries the token of the running workbench; whoever has it may use the workbench.',
  options: { browser: { type: 'boolean', description: 'open it in the browser as well' } },
  examples: [{ line: 'open --browser', explanation: 'opens the workbench that was started with npm start' }],
  run: async ({ output, flag }) => {
    const running = await connect(dataFolder())
    if (running === null) {
      throw new AppError('conflict', `No workbench runs on ${dataFolder()}. \`npm start\` starts one`)
    }
    running.close()
    output.line(running.url)
    if (flag('browser')) openBrowser(running.url)
    return { url: running.url, pid: running.pid }
  },
}
