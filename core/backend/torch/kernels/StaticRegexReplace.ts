/** Strings with what matches a pattern rewritten. */
import type { StaticRegexReplaceAttrs, TensorInfo } from '@tensorflow/tfjs-core'
import { torchKernel } from './shared/kernel.ts'
import { giveTexts, textsOf } from './shared/strings.ts'

export const StaticRegexReplace = torchKernel<{ x: TensorInfo }, StaticRegexReplaceAttrs>(
  'StaticRegexReplace',
  ({ inputs: { x }, attrs: { pattern, rewrite, replaceGlobal }, backend }) => {
    const expression = new RegExp(pattern, replaceGlobal ? 'g' : '')
    const texts = textsOf(x, backend).map(text => text.replace(expression, rewrite))
    return giveTexts(texts, x.shape, backend)
  },
)
