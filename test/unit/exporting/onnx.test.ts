/** Exported ONNX models, run in onnxruntime, give what our executor gives. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { startBackend } from '../../../core/backend/index.ts'
import { folded } from '../../../core/exporting/fold.ts'
import { networkOf } from '../../../core/exporting/network.ts'
import type { OnnxOptions } from '../../../core/exporting/onnx/toOnnx.ts'
import { writeOnnx } from '../../../core/exporting/onnx/writeOnnx.ts'
import type { Graph } from '../../../core/graph/index.ts'
import {
  channelsFirst,
  difference,
  everyOperation,
  expected,
  images,
  model,
  quiet,
  stored,
  varied,
} from './sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'multigrain-onnx-'))
const plain = { normalisesEmbedding: false, description: '', metadata: {}, producerVersion: '0' }

before(() => startBackend('wasm'))
after(() => rmSync(folder, { recursive: true }))

const graphs: Record<string, () => Graph> = {
  'a CIFAR ResNet': () => model('cifar-resnet20', 32),
  'ResNet-18': () => model('resnet18', 64),
  'ResNet-50': () => model('resnet50', 48),
  'every operation': everyOperation,
}

describe('ONNX export', () => {
  for (const [name, make] of Object.entries(graphs))
    it(`gives the outputs of ${name} for one image and for three`, async () => {
      const executor = varied(make())
      for (const isFolded of [false, true]) {
        const network = networkOf(executor.graph, stored(executor))
        const session = await exported(isFolded ? folded(network) : network)
        for (const count of [1, 3]) {
          const pixels = images(executor.graph, count)
          const wanted = expected(executor, pixels, count)
          const [height, width, channels] = executor.graph.inputShape
          const input = channelsFirst(pixels, executor.graph.inputShape)
          const outputs = await session.run({
            images: new Tensor('float32', input, [count, channels, height, width]),
          })
          assert.deepEqual(Object.keys(outputs).sort(), Object.keys(wanted).sort())
          for (const [role, values] of Object.entries(wanted)) {
            assert.equal(outputs[role]!.dims[0], count)
            const apart = difference(outputs[role]!.data as Float32Array, values)
            assert.ok(apart < 1e-4, `${role}, ${count} images: ${apart}`)
          }
        }
      }
      executor.dispose()
    })
})

let fileCount = 0

async function exported(
  network: ReturnType<typeof networkOf>,
  options: Partial<OnnxOptions> = {},
): Promise<InferenceSession> {
  const path = join(folder, `${fileCount++}.onnx`)
  await writeOnnx(path, network, { ...plain, ...options }, quiet)
  return InferenceSession.create(path, { intraOpNumThreads: 1 })
}
