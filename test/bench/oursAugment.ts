/** Our side of augment.ts. */
import { randomStream } from '../../core/data/random.ts'
import { transforms } from '../../core/transforms/index.ts'
import type { Interpolation } from '../../core/transforms/shared/affine.ts'
import { applyOperation, operations, type OperationName } from '../../core/transforms/shared/operations.ts'
import { atMagnitude, wideSpace } from '../../core/transforms/shared/torchvisionSpace.ts'
import type { Image } from '../../core/transforms/shared/transform.ts'
import { serve } from './serve.ts'

const side = 224
const count = 100
const image: Image = { data: new Uint8Array(side * side * 3), width: side, height: side, channels: 3 }
for (let at = 0; at < image.data.length; at++) image.data[at] = (at * at * 7 + at * 13) >> 5

/** Milliseconds an image. */
function pass({ name, seed }: { name: string; seed: number }): number {
  const [operation, interpolation = 'nearest'] = name.split(' ') as [string, Interpolation?]
  const made: (index: number) => unknown =
    operation in operations
      ? index => {
          const chosen = atMagnitude(operation as OperationName, wideSpace, image, 15, 31, index % 2 === 0)
          return applyOperation(image, chosen, { interpolation, fill: [0] })
        }
      : byEntry(name, seed)
  const began = performance.now()
  for (let index = 0; index < count; index++) made(index)
  return (performance.now() - began) / count
}

function byEntry(name: string, seed: number): (index: number) => unknown {
  const transform = transforms.create({ name })
  return index => transform.apply(image, randomStream(seed, 0, index, 0), image)
}

await serve({ pass })
