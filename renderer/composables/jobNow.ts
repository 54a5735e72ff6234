/** A job as it is now. A push that arrives on the way of the answer is newer than it, and nobody else hears of a job that is not known yet. */
import type { Job } from '../../core/contract/index.ts'
import { workbench } from '../workbench.ts'

export async function jobNow(id: string): Promise<Job> {
  let heard: Job | null = null
  const end = workbench().jobs.onChanged(changed => {
    if (changed.id === id) heard = changed
  })
  try {
    const answer = await workbench().jobs.get({ id })
    const pushed = heard as Job | null
    return pushed !== null && answer.status === 'running' ? pushed : answer
  } finally {
    end()
  }
}
