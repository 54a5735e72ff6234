/**
 * A worker process: runs one task after the other for its host and stays alive between them. A dropped channel ends it at once, as
 * nobody is left to answer; tasks leave nothing half-written behind.
 */
import { performance } from 'node:perf_hooks'
import { AppError } from '../errors/index.ts'
import type { FromWorker, Task, TaskName, TaskWatcher, ToWorker } from './protocol.ts'
import { tasks } from './tasks/index.ts'

/** Least time between two progress messages of a task. */
const progressMs = 100

type Request = Extract<ToWorker, { type: 'task' }>

const cancelled = new Set<string>()
const table = new Map<string, Task<TaskName>>(
  tasks.map(task => [task.name, task as unknown as Task<TaskName>]),
)
/** Tasks run one at a time, in the order they came. */
let queue: Promise<void> = Promise.resolve()

process.title = 'multigrain-worker'
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') cancelled.add(message.id)
  else queue = queue.then(() => answer(message))
})
if (!process.connected) {
  console.error('The worker is started by the workbench, over an IPC channel')
  process.exit(1)
}

async function answer(request: Request): Promise<void> {
  const { id } = request
  try {
    const task = table.get(request.task)
    if (!task)
      throw new AppError(
        'invalid-request',
        `Unknown task '${request.task}'. Known: ${[...table.keys()].join(', ')}`,
      )
    const watcher = watch(request)
    watcher.throwIfCancelled()
    send({ type: 'done', id, value: await task.run(request.input as never, watcher) })
  } catch (thrown) {
    const error = AppError.from(thrown)
    if (error.code === 'internal') console.error(thrown)
    send({ type: 'failed', id, error: error.toReply() })
  } finally {
    cancelled.delete(id)
  }
}

function watch({ id, task }: Request): TaskWatcher {
  let phaseNow = ''
  let startedAt = performance.now()
  let sentAt = -Infinity
  return {
    progress: (phase, done, total) => {
      const now = performance.now()
      if (phase !== phaseNow) startedAt = now
      else if (now - sentAt < progressMs && done < total) return
      phaseNow = phase
      sentAt = now
      const etaMs = total > 0 && done > 0 ? Math.round(((now - startedAt) / done) * (total - done)) : null
      send({ type: 'progress', id, progress: { phase, done, total, etaMs } })
    },
    throwIfCancelled: () => {
      if (cancelled.has(id)) throw new AppError('cancelled', `The task '${task}' was cancelled`)
    },
  }
}

function send(message: FromWorker): void {
  if (process.connected) process.send!(message, undefined, undefined, () => {})
}
