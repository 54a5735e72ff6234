/** `whitening.safetensors`: a whitening and its classifier, in float32. */
import { writeFile } from 'node:fs/promises'
import { safetensorsHeader } from '../../checkpoints/safetensors.ts'
import type { Classifier } from './whitening.ts'
import type { Whitening } from './whitening.ts'

/**
 * Tensors: `whitening.mean` [C], `whitening.projection` [C, C] with v = (ê − mean)·projection, and, where there is one, `classifier.weight`
 * [K, C] and `classifier.bias` [K] for v. The metadata say how ê is made.
 */
export async function writeWhitening(
  path: string,
  whitening: Whitening,
  classifier: Classifier | null,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const { width, mean, deviations, components, appendsOne } = whitening
  const projection = new Float32Array(width * width)
  for (let c = 0; c < width; c++)
    for (let j = 0; j < width; j++) projection[c * width + j] = components[j * width + c]! / deviations[j]!
  const tensors: [string, number[], Float32Array][] = [
    ['whitening.mean', [width], Float32Array.from(mean)],
    ['whitening.projection', [width, width], projection],
  ]
  if (classifier) {
    const classCount = classifier.bias.length
    tensors.push(['classifier.weight', [classCount, width], Float32Array.from(classifier.weight)])
    tensors.push(['classifier.bias', [classCount], Float32Array.from(classifier.bias)])
  }
  const header = safetensorsHeader(
    tensors.map(([name, shape]) => ({ name, shape })),
    { format: 'multigrain-whitening', appendsOne: String(appendsOne), ...metadata },
  )
  const parts = tensors.map(([, , { buffer }]) => new Uint8Array(buffer))
  await writeFile(path, Buffer.concat([header, ...parts]))
}
