/** The run that a command names. */
import { AppError } from '../errors/index.ts'
import { suggestion } from '../experiment/index.ts'
import type { Session } from './session.ts'

/**
 * @param named the run's id, or its name where no other run has it.
 * @returns its id.
 * @throws AppError not-found that lists runs, or invalid-request when the name belongs to several.
 */
export async function chooseRun(session: Session, named: string): Promise<string> {
  const { client } = session
  const runs = [...(await client.runs.list({})), ...(await client.runs.list({ deleted: true }))]
  const found = runs.filter(run => run.id === named)
  const byName = found.length > 0 ? found : runs.filter(run => run.name === named)
  const [only] = byName
  if (only && byName.length === 1) return only.id
  const ids = (byName.length > 1 ? byName : runs).map(run => run.id)
  const listed = ids.slice(0, 10)
  if (byName.length > 1) {
    const message = `${byName.length} runs are named '${named}': give the id of one, ${listed.join(', ')}`
    throw new AppError('invalid-request', message, { value: named, known: ids })
  }
  const message = `There is no run '${named}'.${suggestion(named, listed)}`
  throw new AppError('not-found', message, { value: named, known: ids })
}
