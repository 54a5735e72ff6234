/** Fields that a sweep varies, as `--vary` writes them. */
import type { SweptField } from '../contract/index.ts'
import { AppError } from '../errors/index.ts'
import { parseYaml } from '../experiment/index.ts'

const rangeCount = 3
const form =
  'expected FIELD=VALUE,VALUE,… or FIELD=FROM..TO, as in optimizer.weightDecay=0,1e-4 or schedule.learningRate=log:0.01..1:5'
const rangePattern = /^(log:)?([-+.\deE]+?)\.\.([-+.\deE]+?)(?::(\d+))?$/

/**
 * `PATH=0.1,0.2`: values in turn. `PATH=1..9`: a range, in three values of a grid; `PATH=1..9:5` in five. `PATH=log:0.01..1` on a
 * logarithmic scale. A range between two whole numbers without a point holds whole numbers alone.
 * @throws AppError invalid-request
 */
export function sweptField(text: string): SweptField {
  const equals = text.indexOf('=')
  const [path, said] = [text.slice(0, equals).trim(), text.slice(equals + 1).trim()]
  const wrong = (): AppError =>
    new AppError('invalid-request', `--vary ${text}: ${form}`, { field: 'vary', value: text })
  if (equals < 1 || said === '') throw wrong()
  const found = rangePattern.exec(said)
  if (found) {
    const [, log, from = '', to = '', count] = found
    const [low, high] = [Number(from), Number(to)]
    if (!Number.isFinite(low) || !Number.isFinite(high)) throw wrong()
    const isInteger = [from, to].every(each => /^[-+]?\d+$/.test(each))
    const scale = log === undefined ? 'linear' : 'log'
    return {
      path,
      values: [],
      range: {
        ...{ from: low, to: high, scale, isInteger },
        count: count === undefined ? rangeCount : Number(count),
      },
    }
  }
  const values = parseYaml(`[${said}]`, `--vary ${path}`)
  if (!Array.isArray(values)) throw wrong()
  return { path, values: values as unknown[], range: null }
}
