/** Knows a data set again, and says what changed when it is another by now. */
import { createHash } from 'node:crypto'
import { AppError } from '../errors/index.ts'
import type { DatasetIdentity } from './types.ts'

/** @param index bytes that the scan wrote */
export function datasetIdentity(index: ArrayBufferLike, classes: readonly string[]): DatasetIdentity {
  const indexHash = createHash('sha256').update(new Uint8Array(index)).digest('hex')
  return { classes, indexHash }
}

/**
 * @param path folder of the data set, for the message
 * @throws AppError data-invalid naming what changed and the remedy.
 */
export function checkUnchanged(path: string, expected: DatasetIdentity, now: DatasetIdentity): void {
  if (now.indexHash === expected.indexHash) return
  const what = changeOf(expected.classes, now.classes)
  const message =
    `${path}: the data set was scanned anew while the run was using it: ${what}. ` +
    'Bring the folder back to what it was, scan it again and resume the run, or start a new run'
  throw new AppError('data-invalid', message, {
    file: path,
    expected: { classCount: expected.classes.length, indexHash: expected.indexHash },
    got: { classCount: now.classes.length, indexHash: now.indexHash },
  })
}

function changeOf(before: readonly string[], now: readonly string[]): string {
  if (before.length !== now.length) return `it had ${before.length} classes and has ${now.length} now`
  const at = before.findIndex((name, index) => name !== now[index])
  if (at >= 0) return `class ${at} was '${before[at]}' and is '${now[at]}' now`
  return 'its classes are the same, its images are not'
}
