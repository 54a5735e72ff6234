/** Strings cut at delimiters, as a sparse matrix of the pieces: its indices, its values, its shape. */
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { giveIntegers, require } from './shared/host.ts'
import { composed } from './shared/kernel.ts'
import { giveStrings, stringsOf } from './shared/strings.ts'

interface Inputs {
  readonly input: TensorInfo
  /** Each of its bytes is a delimiter; empty: every byte is a piece. */
  readonly delimiter: TensorInfo
}

export const StringSplit = composed<Inputs, { skipEmpty: boolean }>(
  'StringSplit',
  (work, { input, delimiter }, { skipEmpty }) => {
    require(input.dtype === 'string', () => 'Input must be of datatype string')
    require(input.shape.length === 1, () => `Input must be a vector, got shape: ${input.shape}`)
    require(delimiter.shape.length === 0, () => `Delimiter must be a scalar, got shape: ${delimiter.shape}`)
    const [cuts] = stringsOf(delimiter, work.backend)
    const rows = stringsOf(input, work.backend).map(bytes => split(bytes, cuts!, skipEmpty))
    const pieces = rows.flat()
    const indices = rows.flatMap((row, index) => row.flatMap((_, place) => [index, place]))
    const longest = Math.max(0, ...rows.map(row => row.length))
    return [
      giveIntegers(work, indices, [pieces.length, 2]),
      giveStrings(pieces, [pieces.length], work.backend),
      giveIntegers(work, [rows.length, longest]),
    ]
  },
)

function split(text: Uint8Array, delimiters: Uint8Array, skipEmpty: boolean): Uint8Array[] {
  if (text.length === 0) return []
  if (delimiters.length === 0) return Array.from(text, (_, index) => text.subarray(index, index + 1))
  const pieces: Uint8Array[] = []
  let start = 0
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !delimiters.includes(text[at]!)) continue
    if (!skipEmpty || at > start) pieces.push(text.subarray(start, at))
    start = at + 1
  }
  return pieces
}
