/** Checks a checkpoint while no more files can be opened: `node outOfFiles.ts <checkpoint>`. Prints the error, or the outcome. */
import { openSync } from 'node:fs'
import { verifyCheckpoint } from '../../../core/checkpoints/index.ts'
import { AppError } from '../../../core/errors/index.ts'

const [path] = process.argv.slice(2)
try {
  for (;;) openSync('/dev/null', 'r')
} catch {
  // now there are none left
}
const error = await verifyCheckpoint(path!).catch((thrown: unknown) => AppError.from(thrown))
if (error instanceof AppError)
  console.log(JSON.stringify({ code: error.code, errno: error.details['errno'] }))
else console.log(JSON.stringify(error))
