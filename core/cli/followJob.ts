/** Waits for a job of the host, showing how far it is; an interruption cancels it. */
import type { Job } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import type { Invocation } from './commands/shared/command.ts'
import { duration } from './output.ts'
import type { Session } from './session.ts'
import { until } from './waiting.ts'

/**
 * @returns what the job gave
 * @throws AppError what made it fail
 */
export async function followJob(
  { output, interruption }: Pick<Invocation, 'output' | 'interruption'>,
  { client }: Pick<Session, 'client'>,
  id: string,
): Promise<unknown> {
  const cancel = (): void => void client.jobs.cancel({ id }).catch(() => {})
  interruption.signal.addEventListener('abort', cancel)
  const job: Job = await until(
    () => client.jobs.get({ id }),
    ({ status }) => status !== 'running',
    interruption,
    ({ title, progress }) =>
      output.progress(
        `${title}${progress ? `: ${progress.phase}` : ''}`,
        progress?.done ?? 0,
        progress?.total ?? 0,
        progress?.etaMs ? `${duration(progress.etaMs)} left` : '',
      ),
  )
  output.clearProgress()
  const { error } = job
  if (error) throw AppError.fromReply({ ...error, code: error.code as AppError['code'] })
  return job.result
}
