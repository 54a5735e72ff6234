/** Curves of some classes of an evaluation. */
import { AppError } from '../../errors/index.ts'
import { classCurves } from '../../evaluation/study.ts'
import { keptPredictions } from '../studied.ts'
import type { Task } from '../protocol.ts'

export const studyCurves: Task<'study-curves'> = {
  name: 'study-curves',
  async run({ path, labels }) {
    const predictions = await keptPredictions(path)
    const wrong = labels.find(label => label >= predictions.classCount)
    if (wrong !== undefined) {
      const message = `There is no class ${wrong}: the evaluation knows ${predictions.classCount}`
      throw new AppError('not-found', message, { value: wrong })
    }
    return labels.map(label => classCurves(predictions, label))
  },
}
