/** Takes back a run that was begun by mistake: stopped, and once it has saved, moved to the trash. */
import { workbench } from '../../workbench.ts'

const patienceMs = 30_000
const atWork = ['starting', 'running', 'pausing', 'stopping']

/** Left where it is when it does not end in time: stopped, it costs nothing but its place in the table. */
export async function stopAndTrash(id: string): Promise<void> {
  const { runs } = workbench()
  let unsubscribe = (): void => {}
  let timer: ReturnType<typeof setTimeout> | undefined
  const ended = new Promise<boolean>(resolve => {
    unsubscribe = runs.onChanged(run => {
      if (run.id === id && !atWork.includes(run.status)) resolve(true)
    })
    timer = setTimeout(() => resolve(false), patienceMs)
  })
  try {
    // One that has ended by itself cannot be stopped, and needs not be.
    await runs.stop({ id }).catch(() => {})
    const { status } = await runs.get({ id })
    if (!atWork.includes(status) || (await ended)) await runs.remove({ id })
  } finally {
    unsubscribe()
    clearTimeout(timer)
  }
}
