/** Runs of neighbouring tokens, joined, for each row of a ragged matrix of strings: the runs, and where each row's begin. */
import type { StringNGramsAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { giveIntegers, integersOf, require } from './shared/host.ts'
import { composed } from './shared/kernel.ts'
import { range } from './shared/shapes.ts'
import { giveTexts, textsOf } from './shared/strings.ts'

interface Inputs {
  readonly data: TensorInfo
  /** Where each row begins, and the end. */
  readonly dataSplits: TensorInfo
}

export const StringNGrams = composed<Inputs, StringNGramsAttrs>(
  'StringNGrams',
  (work, { data, dataSplits }, attrs) => {
    const tokens = textsOf(data, work.backend)
    const splits = integersOf(work, dataSplits)
    check(splits, tokens.length)
    const rows = range(Math.max(0, splits.length - 1)).map(row =>
      tokens.length === 0 ? [] : runsOf(tokens.slice(splits[row], splits[row + 1]), attrs),
    )
    const ends = rows.map((_, row) => rows.slice(0, row + 1).reduce((sum, each) => sum + each.length, 0))
    const runs = rows.flat()
    const starts = splits.length === 0 ? [] : [0, ...ends]
    return [giveTexts(runs, [runs.length], work.backend), giveIntegers(work, starts)]
  },
)

function check(splits: Int32Array, size: number): void {
  if (splits.length === 0) return
  require(splits[0] === 0, () => `First split value must be 0, got ${splits[0]}`)
  for (let index = 1; index < splits.length; index++) {
    const [before, split] = [splits[index - 1]!, splits[index]!]
    require(split >= before && split <= size, () =>
      `Invalid split value ${split}, must be in [${before}, ${size}]`)
  }
  const last = splits.at(-1)
  require(last === size, () => `Last split value must be data size. Expected ${size}, got ${last}`)
}

function runsOf(tokens: readonly string[], attrs: StringNGramsAttrs): string[] {
  const { nGramWidths, padWidth, preserveShortSequences } = attrs
  const runs = nGramWidths.flatMap(width => runsOfWidth(tokens, width, attrs))
  if (runs.length > 0 || !preserveShortSequences || tokens.length === 0) return runs
  // A row too short for any run is one run.
  return runsOfWidth(tokens, tokens.length + 2 * padWidth, attrs)
}

function runsOfWidth(tokens: readonly string[], width: number, attrs: StringNGramsAttrs): string[] {
  const { separator, leftPad, rightPad, padWidth } = attrs
  const padding = Math.min(padWidth < 0 ? width - 1 : padWidth, width - 1)
  const pads = (pad: string): string[] => new Array<string>(padding).fill(pad)
  const padded = [...pads(leftPad), ...tokens, ...pads(rightPad)]
  return range(Math.max(0, padded.length - width + 1)).map(start =>
    padded.slice(start, start + width).join(separator),
  )
}
