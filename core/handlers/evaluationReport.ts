/** The report of an evaluation from its file, cut to what an interface can show. */
import { readFile } from 'node:fs/promises'
import { EvaluationReport, type Evaluation } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'

const mostConfusions = 100
const mostQueries = 500

/** @throws AppError not-found when there is none (yet). */
export async function readReport(
  path: string,
  id: string,
  status: Evaluation['status'],
): Promise<EvaluationReport> {
  const text = await readFile(path, 'utf8').catch(() => null)
  const whole = text === null ? null : parsed(text)
  if (whole !== null) {
    const { classes, confusions, calibration, queries } = whole
    const cut = {
      confusions: confusions.slice(0, mostConfusions),
      queries: queries.slice(0, mostQueries),
    }
    return { path, classes, calibration, ...cut }
  }
  const why =
    status === 'finished' ? 'it was made by an older version, or its file was removed' : `it is ${status}`
  throw new AppError('not-found', `Evaluation ${id} has no report: ${why}`, { value: id, file: path })
}

function parsed(text: string): Omit<EvaluationReport, 'path'> | null {
  try {
    const found = EvaluationReport.omit({ path: true }).safeParse(JSON.parse(text))
    return found.success ? found.data : null
  } catch {
    return null
  }
}
