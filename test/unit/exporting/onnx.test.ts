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
import { GraphBuilder, type Graph } from '../../../core/graph/index.ts'
import { models } from '../../../core/models/index.ts'
import { channelsFirst, difference, expected, images, quiet, stored, varied } from './sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'multigrain-onnx-'))
const plain = { normalisesEmbedding: false, description: '', metadata: {}, producerVersion: '0' }

before(() => startBackend('wasm'))
after(() => rmSync(folder, { recursive: true }))

const shape = (size: number): { height: number; width: number; channels: number; classCount: number } => ({
  ...{ height: size, width: size, channels: 3, classCount: 7 },
})

const graphs: Record<string, () => Graph> = {
  'a CIFAR ResNet': () => models.create({ name: 'cifar-resnet20' })(shape(32)),
  'ResNet-18': () => models.create({ name: 'resnet18' })(shape(64)),
  'ResNet-50': () => models.create({ name: 'resnet50' })(shape(48)),
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

/** Windows of every kind, an odd size, and a flattening of more than one pixel. */
function everyOperation(): Graph {
  const g = new GraphBuilder('every-operation', [13, 11, 3])
  let x = g.conv('conv1', g.input, {
    filters: 8,
    kernel: [3, 2],
    stride: [2, 1],
    padding: [1, 0, 2, 1],
    bias: true,
  })
  x = g.relu('relu1', g.batchNorm('bn1', x, { epsilon: 1e-3 }))
  const max = g.maxPool('max', x, { kernel: 3, stride: 2, padding: 'same' })
  const mean = g.avgPool('mean', x, { kernel: [3, 2], stride: 2, padding: [1, 1, 0, 1] })
  const same = g.avgPool('mean-same', x, { kernel: 3, stride: 2, padding: 'same' })
  const skipped = g.shortcutA('skip', x, { stride: 2, channels: 12 })
  const wide = g.conv('wide', x, { filters: 12, kernel: 1, stride: 2 })
  const sum = g.add('sum', [skipped, wide, g.batchNorm('bn2', wide)])
  x = g.concat('join', [max, mean, same, sum])
  const pooled = g.globalAvgPool('pool', x)
  const flat = g.dense('hidden', g.flatten('flatten', x), { units: 5, bias: false })
  const both = g.dropout('drop', g.concat('features', [pooled, flat]), 0.5)
  return g.build({ logits: g.dense('fc', both, { units: 4 }), embedding: both })
}
