/** Comparisons of whole steps in words and as fields of the JSON line. */
import { short, type Spread } from './statistics.ts'
import type { StepsOutcome } from './steps.ts'

/** A line of the table, and below it what is wrong with the comparison. */
export function describeSteps(name: string, { ours, pytorch, ratio, way, problems }: StepsOutcome): string {
  const cells = [`${name.padEnd(22)} ours ${milliseconds(ours.ms)}`]
  if (pytorch && ratio) {
    cells.push(`PyTorch (${way}) ${milliseconds(pytorch.ms)}`)
    cells.push(`ratio ${short(ratio.median)} [${short(ratio.lower)}, ${short(ratio.upper)}]`)
    cells.push(`peak ${gigabytes(ours.peakBytes)} / ${gigabytes(pytorch.peakBytes)} GB`)
  } else cells.push(`peak ${gigabytes(ours.peakBytes)} GB`)
  return [cells.join('   '), ...problems.map(problem => `  ${problem}`)].join('\n')
}

/** `train.resnet50.bf16.ratio` and what belongs to it. */
export function figuresOf(
  name: string,
  { ours, pytorch, ratio, way }: StepsOutcome,
): Record<string, unknown> {
  const [mode, precision] = name.split('.')
  const key = `${mode}.resnet50.${precision}`
  const alone = { [`${key}.ours.ms`]: rounded(ours.ms), [`${key}.ours.peakBytes`]: ours.peakBytes }
  if (!pytorch || !ratio) return alone
  return {
    [`${key}.ratio`]: Number(ratio.median.toFixed(3)),
    [`${key}.quartiles`]: [ratio.lower, ratio.upper].map(value => Number(value.toFixed(3))),
    ...alone,
    [`${key}.pytorch.ms`]: rounded(pytorch.ms),
    [`${key}.pytorch.peakBytes`]: pytorch.peakBytes,
    [`${key}.pytorch.way`]: way,
  }
}

/** Lower quartile, median, upper quartile. */
function rounded({ lower, median, upper }: Spread): number[] {
  return [lower, median, upper].map(value => Number(value.toFixed(1)))
}

function milliseconds({ lower, median, upper }: Spread): string {
  return `${short(median)} ms [${short(lower)}, ${short(upper)}]`
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2)
}
