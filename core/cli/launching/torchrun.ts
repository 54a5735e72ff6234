/** A script that starts the ranks of each machine by torchrun. */
import { commandLine, quoted, type LaunchPlan } from './place.ts'

/** One machine meets itself; on several the script is started on each, with the address of the first. */
export function torchrunScript({ name, ranks, nodes, root, args, port }: LaunchPlan): string {
  const train = commandLine(['node', 'main/launch.mjs', 'cli', 'train', ...args])
  const each = ranks / nodes
  const meeting =
    nodes === 1
      ? [`torchrun --standalone --nproc-per-node=${each}`]
      : [
          `torchrun --nnodes=${nodes} --nproc-per-node=${each} --node-rank="$NODE_RANK"`,
          `--master-addr="$MASTER_ADDR" --master-port="\${MASTER_PORT:-${port}}"`,
        ]
  const several =
    nodes === 1
      ? []
      : [
          `# Run it on each of the ${nodes} machines: NODE_RANK counts them from 0, MASTER_ADDR is the first.`,
          ': "${NODE_RANK:?the number of this machine, from 0}" "${MASTER_ADDR:?name or address of machine 0}"',
        ]
  return lines([
    '#!/bin/sh',
    `# Trains ${comment(name)} in ${ranks} ranks. The batch size is that of all ranks together.`,
    'set -eu',
    ...several,
    `cd ${quoted(root)}`,
    `exec ${[...meeting, '--no-python', train].join(' \\\n  ')}`,
  ])
}

/** A name within a comment must not end it. */
export function comment(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ')
}

export function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
