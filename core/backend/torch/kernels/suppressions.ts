/** Of boxes that overlap, those of the highest scores; tfjs's own algorithms on the host, as the choice is sequential. */
import { kernel_impls } from '@tensorflow/tfjs-core'
import type { TensorInfo } from '@tensorflow/tfjs-core'
import { composed } from './shared/kernel.ts'
import type { TorchKernel } from './shared/kernel.ts'
import type { Work } from './shared/work.ts'

interface Inputs {
  readonly boxes: TensorInfo
  readonly scores: TensorInfo
}
interface Attributes {
  readonly maxOutputSize: number
  readonly iouThreshold: number
  readonly scoreThreshold: number
  readonly padToMaxOutputSize: boolean
  readonly softNmsSigma: number
}

export const suppressions: readonly TorchKernel[] = [
  composed<Inputs, Attributes>('NonMaxSuppressionV3', (work, inputs, attrs) => {
    const { selectedIndices } = kernel_impls.nonMaxSuppressionV3Impl(...parameters(work, inputs, attrs))
    return chosen(work, selectedIndices)
  }),
  composed<Inputs, Attributes>('NonMaxSuppressionV4', (work, inputs, attrs) => {
    const { selectedIndices, validOutputs } = kernel_impls.nonMaxSuppressionV4Impl(
      ...parameters(work, inputs, attrs),
      attrs.padToMaxOutputSize,
    )
    return [chosen(work, selectedIndices), work.giveValues(Int32Array.of(validOutputs!), 'int32', [])]
  }),
  composed<Inputs, Attributes>('NonMaxSuppressionV5', (work, inputs, attrs) => {
    const { selectedIndices, selectedScores } = kernel_impls.nonMaxSuppressionV5Impl(
      ...parameters(work, inputs, attrs),
      attrs.softNmsSigma,
    )
    const scores = Float32Array.from(selectedScores!)
    return [chosen(work, selectedIndices), work.giveValues(scores, 'float32', [scores.length])]
  }),
]

function parameters(
  { backend }: Work,
  { boxes, scores }: Inputs,
  { maxOutputSize, iouThreshold, scoreThreshold }: Attributes,
) {
  const [corners, marks] = [boxes, scores].map(({ dataId }) => backend.readSync(dataId) as Float32Array)
  return [corners!, marks!, maxOutputSize, iouThreshold, scoreThreshold] as const
}

function chosen(work: Work, indices: readonly number[]): TensorInfo {
  return work.giveValues(Int32Array.from(indices), 'int32', [indices.length])
}
