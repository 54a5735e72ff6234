/** A batch script for Slurm; srun sets the variables of each rank. */
import { commandLine, quoted, type LaunchPlan } from './place.ts'
import { comment, lines } from './torchrun.ts'

export function slurmScript({ name, ranks, nodes, gpus, root, args, port, config }: LaunchPlan): string {
  const each = ranks / nodes
  return lines([
    '#!/bin/bash',
    `#SBATCH --job-name=${jobName(name)}`,
    `#SBATCH --nodes=${nodes}`,
    `#SBATCH --ntasks=${ranks}`,
    `#SBATCH --ntasks-per-node=${each}`,
    `#SBATCH --cpus-per-task=${Math.max(1, config.data.decodeThreads) + 1}`,
    ...(gpus ? [`#SBATCH --gpus-per-node=${each}`] : []),
    '# Slurm ends a job with SIGTERM, at which a run saves; it has two minutes to do so.',
    '#SBATCH --signal=TERM@120',
    `# Trains ${comment(name)}. The batch size is that of all ranks together; the data set lies at the same path everywhere.`,
    'set -eu',
    `cd ${quoted(root)}`,
    'MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)',
    `MASTER_PORT=$((${port} + SLURM_JOB_ID % 1000))`,
    'export MASTER_ADDR MASTER_PORT',
    `srun ${commandLine(['node', 'main/launch.mjs', 'cli', 'train', ...args])}`,
  ])
}

/** Slurm reads its lines without a shell. */
function jobName(name: string): string {
  return name.replace(/[^\w.-]+/g, '-').slice(0, 60) || 'multigrain'
}
