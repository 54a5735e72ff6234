/** Real ranks for tests: trainer processes that meet in a file or at a port, and what is left of them. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FromTrainer, TrainOrder } from '../../core/training/index.ts'

const trainer = join(import.meta.dirname, '..', '..', 'core', 'processes', 'trainer.ts')

export interface RankProcess {
  readonly process: ChildProcess
  readonly messages: FromTrainer[]
  readonly ended: Promise<number | string>
}

/** @param env what differs from the environment of ranks that the workbench starts */
export function startRank(
  order: TrainOrder,
  rank: number,
  world: number,
  env: Readonly<Record<string, string>>,
): RankProcess {
  const child = fork(trainer, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      ...process.env,
      ...{ RANK: `${rank}`, WORLD_SIZE: `${world}`, LOCAL_WORLD_SIZE: `${world}`, OMP_NUM_THREADS: '1' },
      ...env,
    },
  })
  const messages: FromTrainer[] = []
  child.on('message', message => messages.push(message as FromTrainer))
  child.send({ type: 'train', order })
  const ended = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as string))
  return { process: child, messages, ended }
}

/** What a rank failed with; empty when it did not. */
export function failureOf({ messages }: RankProcess): string {
  const failed = messages.find(message => message.type === 'failed')
  return failed?.type === 'failed' ? failed.error.message : ''
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** @throws Error when it does not come true within the limit. */
export async function until(what: string, isIt: () => boolean, limitMs = 60_000): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!isIt()) {
    if (performance.now() > deadline) throw new Error(`no ${what} within ${limitMs / 1000} s`)
    await delay(10)
  }
}
