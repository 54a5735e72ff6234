/** `multigrain setup`: the launcher's set-up, from here. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { projectRoot } from '../../../main/paths.ts'
import { AppError } from '../../errors/index.ts'
import type { Command } from './shared/command.ts'

export const setup: Command = {
  name: 'setup',
  summary: 'Install and fetch what is missing',
  usage: '[dependencies] [system] [native] [build] [electron] [tensorflow] [--yes]',
  details:
    'Without a name everything that suits this machine. An optional part that fails is reported, and the rest goes on.',
  options: { yes: { type: 'boolean', description: 'answer every question with yes' } },
  examples: [
    {
      line: 'setup native',
      explanation: 'builds the torch backend, after libtorch was installed or replaced',
    },
    { line: 'setup tensorflow', explanation: 'fetches the library of the tensorflow backend' },
  ],
  run: async ({ positionals, flag }) => {
    const launcher = join(projectRoot(), 'main', 'launch.mjs')
    const args = [launcher, 'setup', ...positionals, ...(flag('yes') ? ['--yes'] : [])]
    const child = spawn(process.execPath, args, { stdio: ['inherit', 2, 2] })
    const code = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', exitCode => resolve(exitCode ?? 1))
    })
    if (code !== 0) throw new AppError('internal', `setup ended with exit code ${code}`)
    return { parts: positionals }
  },
}
