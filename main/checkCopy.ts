/** A process of its own that reads a copy of the store through: `checkCopy.ts FILE`. Prints what is wrong, or nothing. */
import { copyProblem } from '../core/store/index.ts'

const problem = copyProblem(process.argv[2] ?? '')
if (problem !== null) console.log(problem)
