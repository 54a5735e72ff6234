/** `multigrain launch`: files that start a training in several ranks. */
import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { AppError } from '../../errors/index.ts'
import { unevenBatch } from '../../experiment/index.ts'
import { chooseConfig } from '../chooseConfig.ts'
import { configPath, kubernetesJob } from '../launching/kubernetes.ts'
import type { LaunchPlan } from '../launching/place.ts'
import { slurmScript } from '../launching/slurm.ts'
import { torchrunScript } from '../launching/torchrun.ts'
import type { Command, Invocation } from './shared/command.ts'
import { configOptions } from './shared/configOptions.ts'
import { integerOption } from './shared/numbers.ts'

const targets = ['torchrun', 'slurm', 'kubernetes'] as const

export const launch: Command = {
  name: 'launch',
  summary: 'Write a file that trains in several ranks by torchrun, Slurm or Kubernetes',
  usage: '--for TARGET (--preset NAME | --config FILE) --ranks N --out FILE [options]',
  details: `TARGET is torchrun (a script), slurm (a script for sbatch) or kubernetes (a PyTorchJob of Kubeflow, with the configuration in a
ConfigMap; a pod is a rank). Each rank runs multigrain train with the same configuration.`,
  options: {
    for: { type: 'string', value: 'TARGET', description: 'torchrun, slurm or kubernetes' },
    ...configOptions,
    data: { type: 'string', value: 'DIR', description: 'folder of the images, the same for every rank' },
    name: { type: 'string', value: 'TEXT', description: 'name of the run' },
    ranks: { type: 'string', value: 'N', description: 'ranks of all machines together' },
    nodes: { type: 'string', value: 'M', description: 'machines; 1 when left out' },
    gpus: { type: 'boolean', description: 'ask for one GPU a rank' },
    port: {
      type: 'string',
      value: 'PORT',
      description: 'where ranks of several machines meet; 29500 when left out',
    },
    image: { type: 'string', value: 'IMAGE', description: 'container image with this program (kubernetes)' },
    claim: {
      type: 'string',
      value: 'NAME',
      description: 'PersistentVolumeClaim mounted at /storage, for the data set and for runs (kubernetes)',
    },
    root: {
      type: 'string',
      value: 'DIR',
      description: 'folder of this program where the ranks run; this one when left out',
    },
    out: { type: 'string', value: 'FILE', description: 'file to write' },
    force: { type: 'boolean', description: 'replace FILE' },
  },
  examples: [
    {
      line: 'launch --for slurm --preset imagenet-resnet50 --data /data/imagenet --ranks 8 --nodes 2 --gpus --out job.sh',
      explanation: 'then sbatch job.sh',
    },
  ],
  run: async invocation => {
    const { text, flag, output } = invocation
    const target = targets.find(each => each === text('for'))
    if (!target) throw wrong('for', `expected one of ${targets.join(', ')}`, text('for'))
    const path = resolve(required(invocation, 'out'))
    if (existsSync(path) && !flag('force'))
      throw wrong('out', 'the file is there already; --force replaces it', path)
    const plan = planOf(invocation, target === 'kubernetes')
    const made = {
      torchrun: () => torchrunScript(plan),
      slurm: () => slurmScript(plan),
      kubernetes: () =>
        kubernetesJob(plan, { image: required(invocation, 'image'), claim: required(invocation, 'claim') }),
    }[target]()
    await writeFile(path, made)
    if (target !== 'kubernetes') await chmod(path, 0o755)
    const start = { torchrun: `sh ${path}`, slurm: `sbatch ${path}`, kubernetes: `kubectl apply -f ${path}` }[
      target
    ]
    output.line(`Wrote ${path}. Start it with: ${start}`)
    return { path, target, ranks: plan.ranks, nodes: plan.nodes, start }
  },
}

/** @throws AppError invalid-request or invalid-config for ranks that the configuration or the machines do not part into. */
function planOf(invocation: Invocation, isKubernetes: boolean): LaunchPlan {
  const { text, texts, flag } = invocation
  const ranks = integerOption(invocation, 'ranks', 1, 65_536)
  if (ranks === undefined) throw wrong('ranks', 'expected the number of ranks', undefined)
  const nodes = integerOption(invocation, 'nodes', 1, 65_536) ?? (isKubernetes ? ranks : 1)
  if (ranks % nodes !== 0) throw wrong('ranks', `expected a multiple of the ${nodes} machines`, String(ranks))
  if (isKubernetes && nodes !== ranks)
    throw wrong('nodes', `a pod is a rank: expected ${ranks} or nothing`, String(nodes))
  // The launcher starts the ranks, so that the configuration itself has one.
  const config = chooseConfig({ ...invocation, text: name => (name === 'ranks' ? '1' : text(name)) })
  const uneven = unevenBatch(config.training.batchSize, ranks, `${ranks}, the number of ranks`)
  if (uneven !== null)
    throw new AppError('invalid-config', `training.batchSize: ${uneven}`, { field: 'training.batchSize' })
  const file = text('config')
  const option = (name: string, value: string | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, value]
  const given = isKubernetes
    ? ['--config', configPath]
    : [
        ...option('preset', text('preset')),
        ...option('config', file === undefined ? undefined : resolve(file)),
        ...texts('set').flatMap(change => ['--set', change]),
        ...option('epochs', text('epochs')),
        ...option('ranks', '1'),
      ]
  return {
    config,
    args: [...given, ...option('data', text('data')), ...option('name', text('name'))],
    name: text('name') ?? config.model.name,
    ranks,
    nodes,
    gpus: flag('gpus'),
    root: text('root') ?? resolve(import.meta.dirname, '../../..'),
    port: integerOption(invocation, 'port', 1024, 64_000) ?? 29_500,
  }
}

function required(invocation: Invocation, option: string): string {
  const value = invocation.text(option)
  if (value !== undefined && value !== '') return value
  throw wrong(option, 'expected a value', undefined)
}

function wrong(option: string, problem: string, value: string | undefined): AppError {
  const got = value === undefined ? '' : `, got '${value}'`
  return new AppError('invalid-request', `--${option}: ${problem}${got}`, { field: option, value })
}
