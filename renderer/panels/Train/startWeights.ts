/** What the weights that a run begins with are called: a checkpoint by its run and step, a file by its name. */
import { t } from '../../language/index.ts'

/** @param runName of a run by its id; undefined for a run that is not there */
export function weightsTitle(path: string, runName: (id: string) => string | undefined): string {
  const parts = path.split(/[\\/]/).filter(part => part !== '')
  const last = parts.at(-1) ?? ''
  const step = /^step-0*(\d+)$/.exec(last)?.[1]
  const run = parts.at(-3)
  if (step === undefined || run === undefined || parts.at(-2) !== 'checkpoints') return last
  return t('“{run}”, step {step}', { run: runName(run) ?? run, step: Number(step) })
}
